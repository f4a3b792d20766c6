"""Black and white pixels, eight to a byte: what a fax is between raster and coding.

Pillow keeps a byte for each pixel of its mode `1`, and packs and unpacks them one by one. Here whole rows are cut and put together as the bytes that they are.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Rows from above, each of whole bytes; the leftmost pixel in the highest bit, black as 1."""

    width: int
    """In pixels."""
    data: bytes

    @property
    def stride(self) -> int:
        """Bytes of a row."""
        return (self.width + 7) // 8

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.data) // self.stride

    def rows(self, first: int, end: int) -> Bitmap:
        """The rows from `first` to the one before `end`, 0-based."""
        return Bitmap(self.width, self.data[first * self.stride : end * self.stride])

    def over(self, *others: Bitmap) -> Bitmap:
        """This and the others of the same width, each below the one before."""
        return Bitmap(self.width, b"".join((self.data, *(other.data for other in others))))

    def column(self, x: int) -> bytes:
        """A byte for each row, not 0 where the pixel at `x` is black."""
        return self.data[x // 8 :: self.stride].translate(bytes(byte & 0x80 >> x % 8 for byte in range(256)))

    def cleared(self, pixels: int) -> Bitmap:
        """With nothing in the leftmost pixels of each row."""
        data = bytearray(self.data)
        for at in range((pixels + 7) // 8):
            kept = 0xFF >> min(8, pixels - 8 * at)
            data[at :: self.stride] = data[at :: self.stride].translate(bytes(byte & kept for byte in range(256)))
        return Bitmap(self.width, bytes(data))
