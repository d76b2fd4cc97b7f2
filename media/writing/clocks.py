"""Moments as people read them, and as subtitles write them."""


def clock(ms: int) -> str:
    """Write a moment as people read it.

    >>> clock(754_300), clock(5_025_000)
    ('12:34', '1:23:45')
    """
    hours, minutes, seconds = ms // 3_600_000, ms // 60_000 % 60, ms // 1000 % 60
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def full_clock(ms: int, point: str = ".") -> str:
    """Write a moment as subtitles do.

    >>> full_clock(754_300, ",")
    '00:12:34,300'
    """
    seconds, thousandths = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{thousandths:03d}"
