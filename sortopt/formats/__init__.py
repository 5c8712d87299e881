"""Kernel files: text to kernel and back, in three dialects.

>>> file = parse("; inputs: eax ecx\\n; outputs: eax ecx\\nmov eax, ecx")
>>> file.dialect, len(file.kernel)
('intel', 1)
"""

from sortopt.formats.detect import DIALECTS
from sortopt.formats.files import read, read_text, shown_name
from sortopt.formats.printer import default_title, print_instruction, print_kernel
from sortopt.formats.program import KernelFile
from sortopt.formats.reader import parse

__all__ = [
    "DIALECTS",
    "KernelFile",
    "default_title",
    "parse",
    "print_instruction",
    "print_kernel",
    "read",
    "read_text",
    "shown_name",
]
