"""Reference trajectories of the log-SNR family: DPM-Solver (two classes), DEIS, UniPC and SA-Solver.

Run from the repository's root; see `scheduler_trajectories.py` for what a case is and what is replaced.

    python test/reference/schedulers_dpm.py

Each class has a list of options. There is one case for every option alone and one for it with another further down the
list; predictions, betas and numbers of steps go round. Every run is told to begin at its first level, as pipelines tell
it: where two timesteps coincide at the beginning, a scheduler left to itself would take the second and run out of levels.
UniPC takes its own sigmas as an array only.
"""

import itertools

import numpy
from scheduler_trajectories import write

BETAS = [
    {},
    {"beta_schedule": "squaredcos_cap_v2"},
    {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    {"beta_schedule": "squaredcos_cap_v2", "num_train_timesteps": 400},
]
STEPS = [5, 10, 25, 50, 3, 250, 7, 25, 2, 14, 15, 1, 10, 50]
PREDICTIONS = ["epsilon", "v_prediction", "sample", "flow_prediction"]

KARRAS = {"use_karras_sigmas": True}
EXPONENTIAL = {"use_exponential_sigmas": True}
BETA = {"use_beta_sigmas": True}
FLOW = {"use_flow_sigmas": True, "flow_shift": 3.0}
THRESHOLD = {"thresholding": True, "dynamic_thresholding_ratio": 0.9, "sample_max_value": 1.5}
LEADING = {"timestep_spacing": "leading", "steps_offset": 1}
TRAILING = {"timestep_spacing": "trailing"}
CLIPPED = {"lambda_min_clipped": -4.0}
FULL = {"lower_order_final": False}
MIN = {"final_sigmas_type": "sigma_min"}
MU = {"use_flow_sigmas": True, "use_dynamic_shifting": True, "mu": 1.15}
SPREADS = [KARRAS, EXPONENTIAL, BETA, FLOW, MU]

MULTISTEP = [
    {"solver_order": 3}, KARRAS, {"solver_type": "heun"}, FLOW, TRAILING, {"algorithm_type": "sde-dpmsolver++"},
    {"solver_order": 1}, EXPONENTIAL, {"algorithm_type": "dpmsolver", **MIN}, LEADING, THRESHOLD, BETA,
    {"algorithm_type": "sde-dpmsolver", **MIN}, FULL, {"use_lu_lambdas": True}, CLIPPED, {"euler_at_final": True}, MU,
    {"algorithm_type": "sde-dpmsolver++", "solver_order": 3, "solver_type": "heun"}, {"rescale_betas_zero_snr": True}, MIN,
]
SINGLESTEP = [
    {"solver_order": 3}, KARRAS, {"solver_type": "heun"}, FLOW, {"algorithm_type": "sde-dpmsolver++"}, EXPONENTIAL,
    {"solver_order": 1}, {"algorithm_type": "dpmsolver", **MIN}, CLIPPED, THRESHOLD, BETA, {"lower_order_final": True},
    {"solver_order": 3, "solver_type": "heun"}, MU, {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}, MIN,
]
DEIS = [
    {"solver_order": 3}, KARRAS, TRAILING, FLOW, {"solver_order": 1}, EXPONENTIAL, LEADING, THRESHOLD, BETA, FULL, MU,
    {"solver_order": 3, **FULL},
]
UNIPC = [
    {"solver_order": 3}, KARRAS, {"solver_type": "bh1", **MIN}, FLOW, TRAILING, {"predict_x0": False, **MIN}, EXPONENTIAL,
    {"disable_corrector": [0, 1]}, LEADING, {"solver_order": 1}, THRESHOLD, BETA, {"solver_order": 3, **FULL, **MIN}, MU,
    {"rescale_betas_zero_snr": True}, {**KARRAS, "sigma_min": 0.1, "sigma_max": 20.0}, {**FLOW, "shift_terminal": 0.1},
    {**KARRAS, **FLOW}, {**MU, "time_shift_type": "linear"}, {"solver_order": 4},
]
SA = [
    {"predictor_order": 3}, KARRAS, {"algorithm_type": "noise_prediction"}, FLOW, TRAILING, {"corrector_order": 3},
    EXPONENTIAL, LEADING, {"predictor_order": 1, "corrector_order": 1}, THRESHOLD, BETA, FULL, CLIPPED,
    {"predictor_order": 3, "corrector_order": 4},
]


def sensible(config):
    """Whether the scheduler has numbers for a configuration: no error and nothing infinite."""
    spreads = sum(config.get(name, False) for name in ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"))
    flow = config.get("use_flow_sigmas", False)
    noise = config.get("algorithm_type", "") in ("dpmsolver", "sde-dpmsolver", "noise_prediction") or not config.get("predict_x0", True)
    unipc = config["_class_name"] == "UniPCMultistepScheduler"
    if spreads > 1 or (flow and config.get("use_lu_lambdas")):
        return False
    if flow and spreads and not (unipc and config.get("use_karras_sigmas")):
        return False
    if noise and (config["prediction_type"] == "flow_prediction" or (config.get("thresholding") and not unipc)):
        return config["_class_name"] == "DPMSolverMultistepScheduler" and config["prediction_type"] != "flow_prediction"
    if config["_class_name"] == "DEISMultistepScheduler" and config.get("thresholding") and not flow:
        return config["prediction_type"] != "flow_prediction"
    repeats = spreads or flow  # the last level of these is the one before where sigma_min ends a run
    if config.get("final_sigmas_type") == "sigma_min" and config.get("solver_order", 2) + ("heun" in config.values()) > 2 and repeats:
        return False
    if config.get("algorithm_type") == "sde-dpmsolver" and config.get("solver_order", 2) > 2:
        return False
    return not (unipc and "disable_corrector" in config and config.get("final_sigmas_type") == "sigma_min" and repeats)


def cases(name, options, extra=()):
    """Every option alone, and with the option five further down."""
    combinations = [[option] for option in options] + [[options[i], options[(i + 5) % len(options)]] for i in range(len(options))]
    found = []
    turn = itertools.count()
    for combination in combinations:
        i = next(turn)
        merged = {key: value for option in combination for key, value in option.items()}
        mu = merged.pop("mu", None)
        config = {"_class_name": name, **BETAS[(i // 2) % len(BETAS)], "prediction_type": PREDICTIONS[(i + i // 4) % 4], **merged}
        if not sensible(config):
            config["prediction_type"] = "epsilon"
        if sensible(config):
            found.append({"config": config, "steps": STEPS[i % len(STEPS)], **({"mu": mu} if mu is not None else {})})
    return found + [{"config": {"_class_name": name, **config}, **plan} for config, plan in extra]


def patch(scheduler, _draws):
    set_timesteps = scheduler.set_timesteps

    def begun(**plan):
        if "sigmas" in plan:
            plan["sigmas"] = numpy.array(plan["sigmas"])
        set_timesteps(**plan)
        scheduler.set_begin_index(0)

    scheduler.set_timesteps = begun


OWN_TIMESTEPS = {"timesteps": [990, 800, 799, 500, 250, 100, 20]}
OWN_SIGMAS = {"sigmas": [1.0, 0.9, 0.75, 0.5, 0.25]}

if __name__ == "__main__":
    write("dpm-solver-multistep", cases("DPMSolverMultistepScheduler", MULTISTEP, [
        ({"solver_order": 3}, OWN_TIMESTEPS),
        (LEADING, {"steps": 250}),
        ({**TRAILING, "algorithm_type": "sde-dpmsolver++"}, {"steps": 250}),
        (TRAILING, {"steps": 61}),
    ]), patch)
    write("dpm-solver-singlestep", cases("DPMSolverSinglestepScheduler", SINGLESTEP, [
        ({"solver_order": 3}, OWN_TIMESTEPS),
        ({**FLOW, "prediction_type": "flow_prediction"}, OWN_TIMESTEPS),
        ({"solver_order": 2}, {"steps": 250}),
    ]), patch)
    write("deis-multistep", cases("DEISMultistepScheduler", DEIS, [
        ({**TRAILING, "beta_schedule": "squaredcos_cap_v2"}, {"steps": 250}),
    ]), patch)
    write("uni-pc-multistep", cases("UniPCMultistepScheduler", UNIPC, [
        ({**FLOW, "prediction_type": "flow_prediction"}, OWN_SIGMAS),
        ({"solver_order": 3}, {"steps": 250}),
    ]), patch)
    write("sa-solver", cases("SASolverScheduler", SA, [
        (TRAILING, {"steps": 250}),
        ({"prediction_type": "v_prediction"}, {"steps": 50}),
    ]), patch)
