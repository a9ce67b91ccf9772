"""The configuration says what is wrong, and where."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from shinbox.desk import config
from shinbox.errors import ConfigError

SAMPLE = Path(__file__).parents[2] / "packaging" / "desk.toml"


def test_the_sample_shows_every_key_with_its_default() -> None:
    uncommented = re.sub(r"^# (?=\[|\w+ = )", "", SAMPLE.read_text(), flags=re.M)
    assert config.parse(uncommented) == config.Config()
    shown = set(re.findall(r"^(\w+) = ", uncommented, flags=re.M))
    tables = (config.Config, config.SocketConfig, config.TcpConfig, config.Limits)
    keys = {field.name for table in tables for field in msgspec.structs.fields(table)}
    assert shown == keys - {"socket", "tcp", "limits"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour = 1", "there is no setting “colour”: correct its name"),
        ("[socket]\npath = 3", "socket.path: must be a text, not a whole number."),
        ("[limits]\nrequest_bytes = 'many'", "limits.request_bytes"),
        ("[limits]\nrequest_bytes = 1.5", "limits.request_bytes: must be a whole number, not a fraction."),
        ("[limits]\nrequest_bytes = 0", "limits.request_bytes: must be at least 1."),
        ("[limits]\nwork_seconds = 0", "limits.work_seconds: must be more than 0."),
        ("[limits]\nwork_seconds = 'long'", "limits.work_seconds: must be a number, not a text."),
        ("data = [1]", "data: must be a text, not a list."),
        ("data = 'here'", "data"),
        ("[tcp]\nlisten = '0.0.0.0:80'", "tcp.listen"),
        ("[tcp]\nlisten = '127.0.0.1'", "tcp.listen"),
        ("[tcp]\npublic_url = 'http://x'", "tcp.public_url"),
        ("[tcp]\npublic_url = 'http://127.0.0.1:80.evil.example'", "tcp.public_url"),
        ("[tcp]\npublic_url = 'http://127.0.0.1:80@evil.example:80'", "tcp.public_url"),
        ("[tcp]\npublic_url = 'ftp://127.0.0.1:80'", "tcp.public_url"),
        ("data = ", "TOML"),
    ],
)
def test_an_error_names_the_file_and_the_key(text: str, named: str) -> None:
    with pytest.raises(ConfigError) as error:
        config.parse(text, "/etc/desk.toml")
    assert "/etc/desk.toml" in str(error.value) and named in str(error.value)


def test_no_file_means_the_defaults_but_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        config.load(tmp_path / "none.toml")
    file = tmp_path / "desk.toml"
    file.write_text("[socket]\npath = '/tmp/x.sock'\n")
    assert config.load(file).socket.path == "/tmp/x.sock"


@pytest.mark.parametrize("url", ["https://mail.example.org", "http://127.0.0.1:8025", "http://[::1]:8025/"])
def test_tokens_go_over_tls_or_stay_on_this_machine(url: str) -> None:
    assert config.parse(f"[tcp]\npublic_url = '{url}'").tcp.public_url == url
