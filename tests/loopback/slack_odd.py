"""A loopback Slack that is not itself at first."""

from __future__ import annotations

from aiohttp import web

from loopback.slack import FakeSlack


class OddSlack(FakeSlack):
    """A Slack whose next answers to a method, so many `times`, are none."""

    def __init__(self, method: str, body: str, times: int) -> None:
        super().__init__(echo_bot_messages=True)
        self.times = times
        self._odd, self._body = method, body

    async def _api(self, request: web.Request) -> web.Response:
        if request.match_info["method"] == self._odd and self.times:
            self.times -= 1
            return web.Response(text=self._body, content_type="text/html" if self._body.startswith("<") else "application/json")
        return await super()._api(request)
