"""Small sound files of known tones, written by libsndfile, for the tests of reading sound files.

Run from the repository's root, with numpy and soundfile installed:

    python test/reference/audio_files.py

It writes packages/adapters/src/audio/audio-files.fixture.json: the files in base64, each with its rate, its samples per
channel and the tones in it: channel c is 0.5 * sin(2 pi f_c n / rate). The tones are made here.
"""

import base64
import io
import json
from pathlib import Path

import numpy
import soundfile

FILE = Path(__file__).resolve().parents[2] / "packages/adapters/src/audio/audio-files.fixture.json"
CASES = [
    {"name": "wav of 8 bits", "format": "WAV", "subtype": "PCM_U8", "rate": 8000, "tones": [440], "samples": 101},
    {"name": "wav of 16 bits, stereo", "format": "WAV", "subtype": "PCM_16", "rate": 44100, "tones": [440, 1000], "samples": 150},
    {"name": "wav of 24 bits", "format": "WAV", "subtype": "PCM_24", "rate": 11025, "tones": [440], "samples": 101},
    {"name": "wav of 32 bits", "format": "WAV", "subtype": "PCM_32", "rate": 48000, "tones": [440], "samples": 101},
    {"name": "wav of 32-bit floats", "format": "WAV", "subtype": "FLOAT", "rate": 22050, "tones": [440, 880], "samples": 99},
    {"name": "wav of 64-bit floats", "format": "WAV", "subtype": "DOUBLE", "rate": 16000, "tones": [440], "samples": 99},
    {"name": "extensible wav, three channels", "format": "WAVEX", "subtype": "PCM_24", "rate": 16000, "tones": [300, 440, 800], "samples": 99},
    {"name": "flac of 16 bits", "format": "FLAC", "subtype": "PCM_16", "rate": 8000, "tones": [440], "samples": 1600},
    {"name": "flac of 24 bits, stereo", "format": "FLAC", "subtype": "PCM_24", "rate": 11025, "tones": [440, 1000], "samples": 700},
    {"name": "vorbis", "format": "OGG", "subtype": "VORBIS", "rate": 8000, "tones": [440], "samples": 2400},
    {"name": "vorbis, stereo", "format": "OGG", "subtype": "VORBIS", "rate": 16000, "tones": [440, 1000], "samples": 4000},
    {"name": "mp3", "format": "MP3", "subtype": "MPEG_LAYER_III", "rate": 16000, "tones": [440], "samples": 4800},
    {"name": "mp3, stereo", "format": "MP3", "subtype": "MPEG_LAYER_III", "rate": 44100, "tones": [440, 1000], "samples": 8820},
    {"name": "opus", "format": "OGG", "subtype": "OPUS", "rate": 16000, "tones": [440], "samples": 1600},
]


def encoded(case):
    n = numpy.arange(case["samples"])[:, None]
    samples = 0.5 * numpy.sin(2 * numpy.pi * numpy.array(case["tones"])[None] * n / case["rate"])
    file = io.BytesIO()
    soundfile.write(file, samples, case["rate"], format=case["format"], subtype=case["subtype"])
    content = file.getvalue()
    assert len(content) < 10_000, (case["name"], len(content))
    return {**case, "base64": base64.b64encode(content).decode()}


header = {"written_by": "test/reference/audio_files.py", "libsndfile": soundfile.__libsndfile_version__}
lines = ",\n".join(json.dumps(encoded(case)) for case in CASES)
FILE.write_text(json.dumps(header)[:-1] + ', "files": [\n' + lines + "\n]}\n")
print(FILE.stat().st_size // 1024, "kB")
