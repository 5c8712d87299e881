"""A plain simulator of x86-64 code, which shares nothing with the code that lifts it."""

import random
from itertools import product

import capstone

WORD = 1 << 64
STACK = 0x7FFF_0000_0000
BUFFERS = {"rdi": 0x1000, "rsi": 0x9000}
SAVED = ("rbx", "rbp", "r12", "r13", "r14", "r15")
_PARTS = {
    **{f"e{r}": f"r{r}" for r in ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp")},
    **{f"r{n}d": f"r{n}" for n in range(8, 16)},
}
_TAKEN = {
    "l": lambda a, b: a < b, "g": lambda a, b: a > b, "le": lambda a, b: a <= b,
    "ge": lambda a, b: a >= b, "e": lambda a, b: a == b, "ne": lambda a, b: a != b,
}  # fmt: skip


def signed(value, size):
    return value - (1 << 8 * size) * (value >> (8 * size - 1))


class Fault(Exception):
    """The code does what no processor of this simulator can."""


class Machine:
    """Registers and memory; what was never written is random, below the red zone all the time."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        names = [*_PARTS.values(), *(f"r{n}" for n in range(8, 16))]
        self.registers = {name: self._random.randrange(WORD) for name in names}
        self.registers |= {f"xmm{n}": self._random.randrange(WORD * WORD) for n in range(16)}
        self.registers |= {**BUFFERS, "rsp": STACK}
        self.memory = {}
        self._flags = None

    def load(self, address, size):
        found = bytes(
            self.memory.setdefault(at, self._random.randrange(256))
            for at in range(address, address + size)
        )
        return int.from_bytes(found, "little")

    def store(self, address, size, value):
        for at, byte in enumerate(value.to_bytes(size, "little"), start=address):
            self.memory[at] = byte

    def run(self, instructions):
        """Run instructions up to the first ret; raises Fault."""
        for instruction in instructions:
            if instruction.mnemonic == "ret":
                return
            self._step(instruction)
            end = self.registers["rsp"] - 128
            for at in [at for at in self.memory if STACK - 4096 < at < min(end, STACK)]:
                del self.memory[at]
        raise Fault("no ret")

    def _address(self, detail, operand):
        place = operand.mem
        if place.index or place.segment or not place.base:
            raise Fault
        return (self.registers[detail.reg_name(place.base)] + place.disp) % WORD

    def _get(self, detail, number):
        operand = detail.operands[number]
        if operand.type == capstone.x86.X86_OP_IMM:
            return operand.imm % WORD
        if operand.type == capstone.x86.X86_OP_MEM:
            return self.load(self._address(detail, operand), operand.size)
        name = detail.reg_name(operand.reg)
        return self.registers[_PARTS.get(name, name)] % (1 << 8 * operand.size)

    def _put(self, detail, number, value):
        operand = detail.operands[number]
        value %= 1 << 8 * operand.size
        if operand.type == capstone.x86.X86_OP_MEM:
            self.store(self._address(detail, operand), operand.size, value)
            return
        name = detail.reg_name(operand.reg)
        self.registers[_PARTS.get(name, name)] = value

    def _step(self, i):
        name, one = i.mnemonic, None
        if name in ("mov", "movd", "movq", "movups", "movdqa", "movaps"):
            size = {"movd": 4, "movq": 8}.get(name, 16)
            self._put(i, 0, self._get(i, 1) % (1 << 8 * size))
        elif name == "lea":
            self._put(i, 0, self._address(i, i.operands[1]))
        elif name == "cmp":
            size = i.operands[0].size
            self._flags = tuple(signed(self._get(i, n), size) for n in (0, 1))
        elif name.startswith("cmov"):
            if self._flags is None:
                raise Fault("undefined flags")
            taken = _TAKEN[name.removeprefix("cmov")](*self._flags)
            self._put(i, 0, self._get(i, 1 if taken else 0))
        elif name in ("add", "sub", "xor"):
            one, other = self._get(i, 0), self._get(i, 1)
            result = {"add": one + other, "sub": one - other, "xor": one ^ other}[name]
            self._put(i, 0, result)
            self._flags = None
        elif name == "push":
            value = self._get(i, 0)
            self.registers["rsp"] -= 8
            self.store(self.registers["rsp"], 8, value)
        elif name in ("pop", "leave"):
            if name == "leave":
                self.registers["rsp"] = self.registers["rbp"]
            value = self.load(self.registers["rsp"], 8)
            self.registers["rsp"] += 8
            if name == "leave":
                self.registers["rbp"] = value
            else:
                self._put(i, 0, value)
        elif name == "xchg":
            one, other = self._get(i, 0), self._get(i, 1)
            self._put(i, 0, other)
            self._put(i, 1, one)
        else:
            self._lanes(i)

    def _lanes(self, i):
        name, (one, other) = i.mnemonic, (self._get(i, 0), self._get(i, 1))
        a, b = ([value >> 32 * n & 0xFFFF_FFFF for n in range(4)] for value in (one, other))
        if name == "punpckldq":
            lanes = [a[0], b[0], a[1], b[1]]
        elif name == "punpcklqdq":
            lanes = [a[0], a[1], b[0], b[1]]
        elif name == "pshufd":
            order = i.operands[2].imm
            lanes = [b[order >> 2 * n & 3] for n in range(4)]
        elif name in ("pminsd", "pmaxsd"):
            pick = min if name == "pminsd" else max
            pairs = zip(a, b, strict=True)
            lanes = [pick(pair, key=lambda lane: signed(lane, 4)) for pair in pairs]
        else:
            raise Fault(name)
        self._put(i, 0, sum(lane << 32 * n for n, lane in enumerate(lanes)))


def sorts(code, n, size):
    """Whether code sorts n keys behind rdi, in all orders, and leaves to its caller what it must.

    `size` is that of a key in bytes.
    """
    engine = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    engine.detail = True
    instructions = [*engine.disasm(code, 0)]
    values = [-(1 << 8 * size - 1), -1, 0, 7][: max(n, 2)]
    for seed, keys in enumerate(product(values, repeat=n)):
        machine = Machine(seed)
        before = dict(machine.registers)
        for number, key in enumerate(keys):
            machine.store(BUFFERS["rdi"] + size * number, size, key % (1 << 8 * size))
        link = machine.load(STACK, 8)
        try:
            machine.run(instructions)
        except Fault:
            return False
        found = [
            signed(machine.load(BUFFERS["rdi"] + size * number, size), size) for number in range(n)
        ]
        kept = all(machine.registers[name] == before[name] for name in (*SAVED, "rsp"))
        if found != sorted(keys) or not kept or machine.load(STACK, 8) != link:
            return False
    return True
