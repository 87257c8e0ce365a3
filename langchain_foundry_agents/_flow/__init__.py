"""The sans-IO heart: what a turn does, told as data. No httpx, no asyncio, no clock."""
