// What people write in Rust to sort and choose a few keys: see scripts/compilers.py.

fn order(x: &mut i32, y: &mut i32) {
    (*x, *y) = ((*x).min(*y), (*x).max(*y));
}

// right {} four keys, by min and max
#[unsafe(no_mangle)]
pub extern "C" fn sort4_min_max(p: &mut [i32; 4]) {
    let [mut a, mut b, mut c, mut d] = *p;
    order(&mut a, &mut b);
    order(&mut c, &mut d);
    order(&mut a, &mut c);
    order(&mut b, &mut d);
    order(&mut b, &mut c);
    *p = [a, b, c, d];
}

// faulty {} four keys, by min and max, one comparator too few
#[unsafe(no_mangle)]
pub extern "C" fn sort4_min_max_faulty(p: &mut [i32; 4]) {
    let [mut a, mut b, mut c, mut d] = *p;
    order(&mut a, &mut b);
    order(&mut c, &mut d);
    order(&mut a, &mut c);
    order(&mut b, &mut d);
    *p = [a, b, c, d];
}

// right {} three keys, by swap
#[unsafe(no_mangle)]
pub extern "C" fn sort3_swap(p: &mut [i32; 3]) {
    for (i, j) in [(1, 2), (0, 2), (0, 1)] {
        if p[j] < p[i] {
            p.swap(i, j);
        }
    }
}

// right {"goal": "median"} median of three, by min and max
#[unsafe(no_mangle)]
pub extern "C" fn median3_min_max(p: &mut [i32; 3]) {
    let [a, b, c] = *p;
    p[0] = a.min(b).max(a.max(b).min(c));
}
