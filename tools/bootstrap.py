"""Make the project's environment from the lock file, or say in plain words why not.

Runs on whatever Python a machine has, also on one that is too old for the project: so no syntax newer
than Python 2.7 here, and nothing but the standard library.
"""

from __future__ import print_function

import os
import subprocess
import sys

NEEDED = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# uv alone, pinned like the rest: it installs the other packages ten times faster than pip.
UV_LOCK = "requirements-install.lock"
# What pip was told of this machine, in the words uv has for it. A further index is left out, for uv stops at
# one that it cannot open: where it is needed, uv fails and pip does the work.
UV_OPTIONS = {"index-url": "--default-index", "find-links": "--find-links", "no-index": "--no-index"}
UV_VARIABLES = {"cert": "SSL_CERT_FILE", "proxy": "HTTPS_PROXY"}
# What pip prints when it cannot reach an index, in the words of pip 22 to 26.
UNREACHABLE = (
    "No matching distribution found",
    "Could not find a version that satisfies",
    "Failed to establish a new connection",
    "Max retries exceeded",
    "Temporary failure in name resolution",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
)

TOO_OLD = """\
Python %d.%d or newer is needed; %s is %s.
What to do: install a newer Python (Debian and Ubuntu: apt install python3.11 python3.11-venv; macOS: brew
install python@3.12), then run make again, or name it: make PYTHON=/path/to/python3.11 %s"""

NO_VENV = """\
This Python (%s) cannot make a virtual environment: its venv module is missing or incomplete.
What to do: on Debian and Ubuntu, apt install python%d.%d-venv; elsewhere install a complete Python. Then run
make again."""

NO_INDEX = """\
pip could not get the packages of %s: no package index could be reached, or it does not hold them.
What to do: check the network. Behind a proxy, set HTTPS_PROXY. With an index of your own, set PIP_INDEX_URL.
Without any network, download the wheels elsewhere and set PIP_NO_INDEX=1 and PIP_FIND_LINKS=/path/to/wheels.
What pip said last: %s"""

BAD_HASH = """\
A downloaded package does not have the content that %s pins, so nothing was installed.
What to do: try again; if it stays, your package index or proxy serves altered files. Do not skip the check.
What pip said is in %s"""

PIP_FAILED = """\
pip failed while installing %s.
What pip said last: %s
The whole output is in %s"""


def fail(message):
    """Stop with the message alone: no traceback helps here."""
    print("\n" + message, file=sys.stderr)
    sys.exit(1)


def check_python(target):
    """Stop unless this Python is new enough."""
    if sys.version_info[:2] < NEEDED:
        found = "%d.%d" % sys.version_info[:2]
        fail(TOO_OLD % (NEEDED + (sys.executable, found, target)))


def make_environment(folder):
    """Create the virtual environment with pip in it."""
    done = subprocess.call([sys.executable, "-m", "venv", "--clear", folder])
    if done or not os.path.exists(os.path.join(folder, "bin", "pip")):
        fail(NO_VENV % ((sys.executable,) + sys.version_info[:2]))


def pip(folder, log_path, arguments):
    """Run pip quietly; its output goes to a log file. Returns success and the output."""
    command = [os.path.join(folder, "bin", "python"), "-m", "pip", "--disable-pip-version-check"]
    # Python compiles what is imported; of these packages most modules never are.
    command += ["install", "--quiet", "--no-compile", "--retries", "1", "--timeout", "15"] + arguments
    with open(log_path, "w") as log:
        done = subprocess.call(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)
    with open(log_path) as log:
        return done == 0, log.read()


def pip_settings(folder):
    """What pip is told by variables and files, ``{"index-url": "https://..."}``; a variable wins."""
    command = [os.path.join(folder, "bin", "python"), "-m", "pip", "config", "list"]
    listed, _ = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT).communicate()
    settings = {}
    for line in listed.decode("utf-8", "replace").splitlines():
        # The environment comes first, then the files: :env:.index-url='https://...'
        name, equals, value = line.partition("=")
        if equals:
            settings.setdefault(name.rpartition(".")[2], value.strip("'"))
    return settings


def uv(folder, lock):
    """Install the pinned packages with uv. Returns success: when not, pip does it and says what is wrong."""
    fine, _ = pip(folder, os.path.join(folder, "uv.log"), ["--require-hashes", "--requirement", UV_LOCK])
    program = os.path.join(folder, "bin", "uv")
    if not fine or not os.path.exists(program):
        return False
    settings = pip_settings(folder)
    command = [program, "pip", "install", "--quiet", "--python", folder, "--require-hashes", "-r", lock]
    for name in sorted(UV_OPTIONS):
        for value in settings.get(name, "").split():
            command += [UV_OPTIONS[name]] if name == "no-index" else [UV_OPTIONS[name], value]
    environment = dict(os.environ, UV_HTTP_TIMEOUT="15", UV_HTTP_RETRIES="1")
    for name in UV_VARIABLES:
        if name in settings:
            environment.setdefault(UV_VARIABLES[name], settings[name])
    with open(os.path.join(folder, "uv.log"), "a") as log:
        return not subprocess.call(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, env=environment)


def explain_pip(lock, output, log_path):
    """Stop with what went wrong and what to do about it."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = lines[-1] if lines else "nothing"
    if "HASHES" in output:
        fail(BAD_HASH % (lock, log_path))
    if any(words in output for words in UNREACHABLE):
        fail(NO_INDEX % (lock, last))
    fail(PIP_FAILED % (lock, last, log_path))


def install(folder, lock):
    """Install the pinned packages, then the project itself from this checkout."""
    log_path = os.path.join(folder, "pip.log")
    print("Installing %s into %s (half a minute or so, once) ..." % (lock, folder))
    sys.stdout.flush()
    steps = [["--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT]]
    if not uv(folder, lock):
        steps.insert(0, ["--require-hashes", "--requirement", lock])
    for arguments in steps:
        fine, output = pip(folder, log_path, arguments)
        if not fine:
            explain_pip(lock, output, log_path)


def main(arguments):
    """``bootstrap.py FOLDER LOCK STAMP TARGET``: the stamp is written last, so half an install is redone."""
    folder, lock, stamp, target = arguments
    check_python(target)
    if not os.path.exists(os.path.join(folder, "bin", "pip")):
        make_environment(folder)
    install(folder, lock)
    with open(stamp, "w") as written:
        written.write(lock + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
