(() => {
  const program = JSON.parse(document.getElementById("program").textContent);
  const byId = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll("#trace tbody tr")];
  const slider = byId("position");
  const last = program.instructions.length;
  const signs = { 1: "<", 2: "=", 3: "<=", 4: ">" };
  const key = (value) => (value === null ? "?" : String(value));
  const sign = (flags) => (flags === null ? "?" : signs[flags]);
  let steps = [];
  let followed = false;

  // Show the step `position`: later rows are hidden, what it changed is marked.
  function show(position) {
    const at = Math.max(0, Math.min(last, position));
    slider.value = at;
    rows.forEach((row, i) => {
      row.classList.toggle("later", i > at);
      row.classList.toggle("current", i === at);
      if (i === at) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    });
    document.querySelectorAll("#flow [data-step]").forEach((node) => {
      node.classList.toggle("current", Number(node.dataset.step) === at);
    });
    const now = steps[at];
    const held = program.cells.map((name, cell) => `${name} ${key(now.cells[cell])}`);
    if (program.flags) held.push(`flags ${sign(now.flags)}`);
    const what = at === 0 ? "on entry" : program.instructions[at - 1].text;
    const line = `Step ${at} of ${last}: ${what}. ${held.join(", ")}.`;
    if (followed) rows[at].scrollIntoView({ block: "nearest" });
    slider.setAttribute("aria-valuetext", `step ${at} of ${last}`);
    byId("now").textContent = line;
  }

  // Run the kernel on `keys` and fill the table; leave the slider where it is.
  function run(keys, scratch, flags) {
    steps = trace(program, keys, scratch, flags);
    rows.forEach((row, i) => {
      const before = steps[Math.max(0, i - 1)];
      [...row.querySelectorAll("td.value")].forEach((field, cell) => {
        const isFlags = cell === program.cells.length;
        const value = isFlags ? sign(steps[i].flags) : key(steps[i].cells[cell]);
        const changed = isFlags
          ? i > 0 && program.instructions[i - 1].action === "compare"
          : before.cells[cell] !== steps[i].cells[cell];
        field.textContent = value;
        field.classList.toggle("changed", changed);
      });
    });
    const got = program.outputs.map((cell) => steps[last].cells[cell]);
    const due = expected(program, keys);
    const right = got.every((value, i) => value === due[i]);
    const said = `${keys.join(" ")} comes out as ${got.map(key).join(" ")}`;
    byId("outcome").textContent = !admitted(program, keys)
      ? `${said}. This input does not satisfy the precondition.`
      : right ? `${said}, which is right${program.reading}.` : `${said}, not ${due.join(" ")}.`;
    byId("outcome").classList.toggle("wrong", !right);
    show(Number(slider.value));
  }

  // Read the keys that were typed; say what is wrong with them, or run them.
  function read() {
    const words = byId("keys").value.split(/[\s,;]+/).filter((word) => word !== "");
    const odd = words.find((word) => !/^[-+]?\d{1,40}$/.test(word));
    const problem = odd !== undefined
      ? `${odd.slice(0, 40)} is no whole number`
      : words.length !== program.inputs.length
        ? `type ${program.inputs.length} numbers, not ${words.length}`
        : "";
    byId("problem").textContent = problem;
    byId("keys").setAttribute("aria-invalid", String(problem !== ""));
    if (problem === "") run(words.map((word) => BigInt(word.replace("+", ""))));
  }

  function start() {
    const big = (value) => (value === null ? null : BigInt(value));
    const { keys, scratch, flags } = program.start;
    byId("keys").value = keys.join(" ");
    byId("problem").textContent = "";
    run(keys.map(big), scratch.map(big), flags);
  }

  byId("input").addEventListener("submit", (event) => { event.preventDefault(); read(); });
  byId("keys").addEventListener("input", read);
  byId("restart").addEventListener("click", () => { start(); show(0); });
  byId("previous").addEventListener("click", () => show(Number(slider.value) - 1));
  byId("next").addEventListener("click", () => show(Number(slider.value) + 1));
  slider.addEventListener("input", () => show(Number(slider.value)));
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined || event.target.tagName === "INPUT") return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(Number(slider.value) + by);
  });
  byId("controls").hidden = false;
  slider.value = 0;
  start();
  followed = true;
})();
