"""The served files. They are made once and kept; what is there in the right size is not made again."""
import os
import random
import subprocess
import time

import places

# Of the million.
DIRECTORIES, FILES_EACH = 1000, 1000


def make(mib):
    """All but the million files: MIB for the big file, at most 256 for the middle one."""
    for directory in (places.SERVED, places.UPLOADS, places.FETCHED):
        os.makedirs(directory, exist_ok=True)
    _noise("big", mib, 1)
    _noise("mid", min(256, mib), 2)
    _tree("tree10k", 10_000, 100, 3)
    _tree("tree1k", 1_000, 10, 4)
    _tree("tree300", 300, 3, 5)
    _flat("list100k", 100_000)
    _own()


def make_million():
    """1,000,000 empty files in 1,000 directories."""
    complete = os.path.join(places.TOP, "million.complete")
    if os.path.exists(complete):
        return
    for number in range(DIRECTORIES):
        _flat(f"million/d{number:04}", FILES_EACH)
    _own()
    _touch(complete)


def make_sparse():
    """A file of 100 GiB that takes no room, and one of 1 MiB."""
    os.makedirs(_served("sparse"), exist_ok=True)
    _sparse("sparse/100gib", 100 << 30)
    _sparse("sparse/1mib", 1 << 20)
    _own()


def names(tree):
    """The relative paths of a tree's files, for clients that cannot walk."""
    top = _served(tree)
    found = (os.path.join(folder, name) for folder, _, files in os.walk(top) for name in files)
    return sorted(os.path.relpath(path, top) for path in found)


def _served(name):
    return os.path.join(places.SERVED, name)


def _noise(name, mib, seed):
    path = _served(name)
    if os.path.exists(path) and os.path.getsize(path) == mib << 20:
        return
    noise = random.Random(seed)
    with open(path, "wb") as file:
        for _ in range(mib):
            file.write(noise.randbytes(1 << 20))


def _tree(name, files, directories, seed):
    if os.path.isdir(_served(name)):
        return
    noise = random.Random(seed)
    # Whole minutes, a month ago: what LIST shows of such a time is all there is to know, and stays the same.
    then = int(time.time() - 30 * 86_400) // 60 * 60
    for number in range(directories):
        folder = os.path.join(_served(name), f"d{number:03}")
        os.makedirs(folder)
        for index in range(files // directories):
            path = os.path.join(folder, f"f{index:04}.dat")
            with open(path, "wb") as file:
                file.write(noise.randbytes(noise.randrange(1024, 8193)))
            os.utime(path, (then, then))


def _flat(name, files):
    if os.path.isdir(_served(name)):
        return
    os.makedirs(_served(name))
    for index in range(files):
        _touch(os.path.join(_served(name), f"some-file-name-{index:06}.txt"))


def _sparse(name, size):
    _touch(_served(name))
    os.truncate(_served(name), size)


def _touch(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))


def _own():
    subprocess.run(["chown", "-R", f"{places.SYSTEM_USER}:", places.SERVED], check=True)
