"""`careerbot serve` as a process of its own, as an operator starts it, on the bakery's knowledge."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from loopback.slack import FakeSlack

FAQ = Path(__file__).parents[1] / "bakery" / "faq.yaml"


@asynccontextmanager
async def serving(directory: Path, **variables: str) -> AsyncIterator[Process]:
    """`careerbot serve` as an operator starts it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "CAREERBOT_"))}
    environment = {**inherited, "CAREERBOT_FAQ": str(FAQ), "CAREERBOT_DATA_DIR": str(directory), **variables}
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("careerbot"), "serve", cwd=directory, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def variables(slack: FakeSlack, port: int) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "CAREERBOT_PORT": str(port),
    }
