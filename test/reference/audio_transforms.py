"""Numbers of scipy and librosa for the tests of resampling, short-time Fourier transforms, mel bands and Griffin-Lim.

Run from the repository's root, with numpy, scipy and librosa installed:

    python test/reference/audio_transforms.py

It writes packages/adapters/src/audio/audio-transforms.fixture.json, with the sound. That is the sum of two sines, one falling in
loudness, in float32: x[n] = 0.5 sin(0.11 n + 0.0002 n^2) + 0.3 exp(-n / 200) sin(0.7 n).
"""

import json
from pathlib import Path

import librosa
import numpy
import scipy
import scipy.signal

FILE = Path(__file__).resolve().parents[2] / "packages/adapters/src/audio/audio-transforms.fixture.json"
n = numpy.arange(600)
sound = (0.5 * numpy.sin(0.11 * n + 0.0002 * n * n) + 0.3 * numpy.exp(-n / 200) * numpy.sin(0.7 * n)).astype(numpy.float32)


def numbers(values):
    return [float(f"{x:.9g}") for x in numpy.asarray(values, dtype=numpy.float64).flatten()]


def resampling(samples, source, target):
    result = scipy.signal.resample_poly(sound[:samples].astype(numpy.float64), target, source)
    return {"samples": samples, "from": source, "to": target, "result": numbers(result)}


def transform(window, hop, size):
    settings = {"n_fft": size, "win_length": window, "hop_length": hop, "window": "hann", "center": True}
    spectrum = librosa.stft(sound.astype(numpy.float64), **settings, pad_mode="constant", dtype=numpy.complex128)
    back = librosa.istft(spectrum * 1j ** numpy.arange(spectrum.shape[1]), **settings, length=len(sound))
    magnitudes = numpy.abs(spectrum)
    found = librosa.griffinlim(magnitudes, n_iter=8, hop_length=hop, win_length=window, n_fft=size, window="hann", center=True, dtype=numpy.float64, length=len(sound), pad_mode="constant", momentum=0.99, init=None)
    frames = [0, 1, spectrum.shape[1] - 1]
    parts = numpy.stack([spectrum[:, frames].T.real, spectrum[:, frames].T.imag], axis=-1)
    return {"windowLength": window, "hop": hop, "fftSize": size, "frames": spectrum.shape[1], "shown": frames, "spectrum": numbers(parts), "turned": numbers(back), "griffinLim": numbers(found)}


def bands(rate, size, mels, low, high, scale, norm):
    weights = librosa.filters.mel(sr=rate, n_fft=size, n_mels=mels, fmin=low, fmax=high, htk=scale == "htk", norm="slaney" if norm == "area" else None, dtype=numpy.float64)
    rows = [{"first": int(numpy.flatnonzero(row)[0]), "weights": numbers(row[numpy.flatnonzero(row)])} for row in weights]
    return {"sampleRate": rate, "fftSize": size, "mels": mels, "lowestFrequency": low, "highestFrequency": high, "scale": scale, "norm": norm, "bands": rows}


def log_mel(rate, window, hop, mels, floor):
    """Decibels below a full-scale sine of mel bands with peaks of 1; one frame per whole hop."""
    magnitudes = numpy.abs(librosa.stft(sound.astype(numpy.float64), n_fft=window, hop_length=hop, pad_mode="constant", dtype=numpy.complex128)) / (window / 4)
    levels = librosa.filters.mel(sr=rate, n_fft=window, n_mels=mels, norm=None, dtype=numpy.float64) @ magnitudes
    decibels = numpy.maximum(floor, 20 * numpy.log10(levels + 1e-30)).T[: len(sound) // hop]
    return {"sampleRate": rate, "windowLength": window, "hop": hop, "mels": mels, "floor": floor, "decibels": numbers(decibels)}


fixture = {
    "written_by": "test/reference/audio_transforms.py",
    "librosa": librosa.__version__,
    "scipy": scipy.__version__,
    "sound": numbers(sound),
    "resampling": [resampling(300, 8000, 16000), resampling(300, 16000, 8000), resampling(300, 44100, 16000), resampling(200, 8000, 11025), resampling(50, 3, 7), resampling(600, 48000, 1000), resampling(1, 8000, 12000)],
    "transforms": [transform(64, 16, 64), transform(50, 20, 64), transform(32, 8, 128)],
    "bands": [bands(8000, 256, 20, 0, 4000, "slaney", "peak"), bands(16000, 512, 24, 50, 7600, "slaney", "area"), bands(22050, 512, 16, 0, 11025, "htk", "peak"), bands(22050, 512, 16, 100, 9000, "htk", "area")],
    "logMel": log_mel(8000, 128, 40, 16, -80),
}
FILE.write_text("{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in fixture.items()) + "\n}\n")
print(FILE.stat().st_size // 1024, "kB")
