"""How many bytes of bodies there may be at a time, those that are being read and those that are being kept."""

from syncd.errors import StoreBusy

MOST_IN_HAND = 128 * 2**20
OPEN_SHARE = 3 / 8
"""Of all that, what posts to sources may take up where anybody may post: the others always find some room."""


class Room:
    """For the event loop's thread alone."""

    def __init__(self, most: int = MOST_IN_HAND) -> None:
        self.left = most
        self.reserve = most - round(most * OPEN_SHARE)


class Share:
    """What one request takes of the room."""

    def __init__(self, room: Room) -> None:
        self.room, self.size = room, 0
        self.leave = 0  # how much must be left for others
        self.whole = False  # the body has been read to its end

    def take(self, size: int) -> None:
        """Raises StoreBusy when there are too many bodies at once."""
        self.size += size
        self.room.left -= size
        if self.room.left < self.leave:
            raise StoreBusy("too many bodies at once")

    def give_back(self) -> None:
        self.room.left += self.size
