"""A gateway on this machine that answers as Africa's Talking does: ``python -m … LATENCY_MS``.

Prints its port, then takes every text after that latency. One process, any number of connections.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final
from urllib.parse import unquote

_ENTRY: Final = (
    '{"cost":"GMD 0.2500","messageId":"ATXid_%032x","number":"%s","status":"Success",'
    '"statusCode":101}'
)
_BODY: Final = '{"SMSMessageData":{"Message":"Sent to %d/%d Total Cost: GMD 0","Recipients":[%s]}}'
_HEAD: Final = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: "


class Gateway:
    """Counts what it took."""

    def __init__(self, latency_seconds: float) -> None:
        self._latency_seconds = latency_seconds
        self._taken = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the client closes it."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
                answer = self._answer((await reader.readexactly(length)).decode())
                if self._latency_seconds:
                    await asyncio.sleep(self._latency_seconds)
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, form: str) -> bytes:
        to = next(part[3:] for part in form.split("&") if part.startswith("to="))
        numbers = unquote(to).split(",")
        entries = []
        for number in numbers:
            self._taken += 1
            entries.append(_ENTRY % (self._taken, number))
        body = _BODY % (len(numbers), len(numbers), ",".join(entries))
        return f"{_HEAD}{len(body)}\r\n\r\n{body}".encode()


async def _main(latency_ms: int) -> None:
    gateway = Gateway(latency_ms / 1000)
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
