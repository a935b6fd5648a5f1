"""Records the schedulers of EDM: EDMEulerScheduler and EDMDPMSolverMultistepScheduler. Each option alone and pairs of
options, over 1 to 250 steps. `EDMEulerScheduler.set_timesteps` takes `sigmas` as a tensor of places on its ramp.
"""

from itertools import combinations, cycle

import torch
from scheduler_trajectories import write

EULER, DPM = "EDMEulerScheduler", "EDMDPMSolverMultistepScheduler"
STEPS = cycle([5, 10, 25, 50, 250, 2, 3, 7, 1])

SHARED = {
    "prediction": [{"prediction_type": "v_prediction"}],
    "spacing": [{"sigma_schedule": "exponential"}, {"rho": 3.0}],
    "range": [{"sigma_min": 0.01, "sigma_max": 20.0}],
    "data": [{"sigma_data": 1.0}, {"sigma_data": 0.3}],
    "end": [{"final_sigmas_type": "sigma_min"}],
}
SOLVER = {
    "order": [{"solver_order": 3}, {"solver_order": 1}],
    "algorithm": [{"algorithm_type": "sde-dpmsolver++"}],
    "type": [{"solver_type": "heun"}],
    "limit": [{"thresholding": True}, {"thresholding": True, "dynamic_thresholding_ratio": 0.8, "sample_max_value": 1.5}],
    "final": [{"lower_order_final": False}, {"euler_at_final": True}],
}
CHURN = [{"s_churn": 5.0}, {"s_churn": 200.0, "s_noise": 1.01}, {"s_churn": 20.0, "s_tmin": 0.05, "s_tmax": 30.0}]


def case(name, config, **plan):
    found = {"config": {"_class_name": name, **config}, **plan}
    if "sigmas" not in plan:
        found["steps"] = plan.get("steps") or next(STEPS)
    return found


def known_there(config):
    """Whether the library can run the options: its stochastic solver has no third order, and heun divides 0 by 0 at sigma_min."""
    third = config.get("solver_order") == 3 and "sde" in config.get("algorithm_type", "")
    nothing = config.get("final_sigmas_type") == "sigma_min" and config.get("solver_type") == "heun"
    return not third and not nothing


def grid(name, groups):
    yield from (case(name, {}, steps=steps) for steps in (1, 2, 3, 7, 5, 10, 25, 50, 250))
    yield from (case(name, option) for options in groups.values() for option in options)
    for one, other in combinations(groups.values(), 2):
        config = {**one[-1], **other[0]}
        if known_there(config):
            yield case(name, config)


cases = list(grid(EULER, SHARED)) + list(grid(DPM, {**SHARED, **SOLVER}))
for arguments in CHURN:
    cases += [case(EULER, config, arguments=arguments) for config in ({}, *(options[0] for options in SHARED.values()))]
cases += [case(DPM, {"algorithm_type": "sde-dpmsolver++", "solver_type": "heun", "solver_order": order}, steps=20) for order in (1, 2)]
cases += [case(DPM, {"algorithm_type": "deis", "solver_type": "bh2", "solver_order": 4, "final_sigmas_type": "sigma_min"}, steps=12)]
cases += [case(EULER, config, sigmas=[0.0, 0.2, 0.55, 0.9, 1.0]) for config in ({}, {"rho": 4.0}, {"sigma_schedule": "exponential"})]


def take_lists(scheduler, _draws):
    plan = scheduler.set_timesteps

    def set_timesteps(sigmas=None, **others):
        return plan(**others) if sigmas is None else plan(len(sigmas), sigmas=torch.tensor(sigmas, dtype=torch.float64))

    scheduler.set_timesteps = set_timesteps


write("edm", cases, take_lists)
