"use strict";
// What a kernel does, as sortopt's own interpreter has it.  A cell holds a BigInt, or null for a
// value that is not known.  Flags are a sum of outcomes, or null; 3 is left by no comparison.
const LESS = 1, EQUAL = 2, GREATER = 4;

function compare(first, second) {
  if (first === null || second === null) return null;
  return first < second ? LESS : first > second ? GREATER : EQUAL;
}

function select(holds, flags, first, second) {
  if (flags === null) return first === second ? first : null;
  const held = flags === (LESS | EQUAL) ? !(holds & GREATER) : (holds & flags) !== 0;
  return held ? first : second;
}

function extremum(wanted, first, second) {
  const outcome = compare(first, second);
  return outcome === null ? null : outcome === wanted ? first : second;
}

function step(instruction, before) {
  const [first, second] = instruction.reads.map((cell) => before.cells[cell]);
  const cells = before.cells.slice();
  let flags = before.flags;
  switch (instruction.action) {
    case "compare": flags = compare(first, second); break;
    case "copy": cells[instruction.writes] = first; break;
    case "select":
      cells[instruction.writes] = select(instruction.holds, flags, first, second);
      break;
    case "minimum": cells[instruction.writes] = extremum(LESS, first, second); break;
    case "maximum": cells[instruction.writes] = extremum(GREATER, first, second); break;
    default: throw new Error(`unknown action ${instruction.action}`);
  }
  return { cells, flags };
}

// Return what cells and flags hold on entry and after each instruction.
function trace(program, keys, scratch = [], flags = null) {
  const cells = program.cells.map(() => null);
  program.inputs.forEach((cell, i) => { cells[cell] = keys[i]; });
  program.scratch.forEach((cell, i) => { cells[cell] = scratch[i] ?? null; });
  const steps = [{ cells, flags }];
  for (const instruction of program.instructions) steps.push(step(instruction, steps.at(-1)));
  return steps;
}

// Return what the outputs must hold: the keys of the ranks that the goal names.
function expected(program, keys) {
  const sorted = [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return program.ranks.map((rank) => sorted[rank]);
}

// Return whether `keys` satisfy the precondition.
function admitted(program, keys) {
  return program.assume.every(([left, outcomes, right]) =>
    (compare(keys[left], keys[right]) & outcomes) !== 0);
}
