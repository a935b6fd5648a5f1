"""Writes what diffusers' scheduler classes take and how their configurations are saved.

For every class: its constructor's arguments in order, with default and annotation. And configurations, each with the text
that `to_json_string` makes of it. From the repository's root:

    python test/reference/scheduler_defaults.py
"""

import importlib
import inspect
import json
import math
import sys
import types
from pathlib import Path

import diffusers

# One class needs a package for its noise; what its constructor takes can be read without.
sys.modules.setdefault("torchsde", types.ModuleType("torchsde"))
stochastic = importlib.import_module("diffusers.schedulers.scheduling_dpmsolver_sde")

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "packages" / "plugins" / "src" / "scheduler-config"
NAMES = """DDPM DDIM PNDM LMSDiscrete EulerDiscrete HeunDiscrete EulerAncestralDiscrete DPMSolverMultistep
DPMSolverSinglestep KDPM2Discrete KDPM2AncestralDiscrete DEISMultistep UniPCMultistep DPMSolverSDE EDMEuler
EDMDPMSolverMultistep FlowMatchEulerDiscrete FlowMatchHeunDiscrete FlowMatchLCM LCM TCD SASolver"""

# Files to read and to write again: as found in the wild, and with what is easily lost.
SAVED = [
    {"_class_name": "FlowMatchEulerDiscreteScheduler", "_diffusers_version": "0.29.0", "shift": 3.0},
    {"_class_name": "FlowMatchEulerDiscreteScheduler", "base_shift": 0.5, "max_shift": 1.15, "use_dynamic_shifting": True},
    {"_class_name": "FlowMatchEulerDiscreteScheduler", "shift_terminal": 1e-5, "shift": 300.0, "_name_or_path": "modèle/\u4e2d"},
    {"_class_name": "FlowMatchEulerDiscreteScheduler", "sigma_max": 1.0, "sigma_min": 0.002, "solver_order": 2, "clip_sample": False},
    {"_class_name": "FlowMatchHeunDiscreteScheduler"},
    {"_class_name": "FlowMatchLCMScheduler", "scale_factors": [], "upscale_mode": None, "shift": 1.7},
    {"_class_name": "EDMEulerScheduler", "sigma_min": 2e-05, "trained_betas": [0.1, 0.5, 1.0], "lambda_min_clipped": -math.inf},
    {"_class_name": "EDMDPMSolverMultistepScheduler", "sigma_max": 123456.0, "sigma_data": 1.0, "final_sigmas_type": "sigma_min"},
    {"_class_name": "EDMDPMSolverMultistepScheduler", "algorithm_type": "deis", "solver_type": "bh1", "final_sigmas_type": "sigma_min"},
]


def argument(parameter):
    default = parameter.default
    return {
        "name": parameter.name,
        "default": str(default) if isinstance(default, float) and math.isinf(default) else default,
        "annotation": parameter.annotation if isinstance(parameter.annotation, str) else inspect.formatannotation(parameter.annotation),
    }


classes = {}
for name in NAMES.split():
    found = getattr(stochastic if name == "DPMSolverSDE" else diffusers, f"{name}Scheduler")
    parameters = [found for found in inspect.signature(found.__init__).parameters.values() if found.default is not found.empty]
    classes[f"{name}Scheduler"] = [argument(parameter) for parameter in parameters]

saved = []
for config in SAVED:
    scheduler = getattr(diffusers, config["_class_name"]).from_config(dict(config))
    saved.append({"text": json.dumps(config), "saved": scheduler.to_json_string()})

path = FOLDER / "scheduler-defaults.fixture.json"
header = {"written_by": "test/reference/scheduler_defaults.py", "diffusers": diffusers.__version__}
path.write_text(json.dumps({**header, "classes": classes, "saved": saved}, indent=1) + "\n")
print(f"{len(classes)} classes and {len(saved)} files in {path.relative_to(ROOT)}, {path.stat().st_size // 1024} kB")
