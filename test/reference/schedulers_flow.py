"""Records the schedulers of flow matching: FlowMatchEulerDiscreteScheduler, FlowMatchHeunDiscreteScheduler and
FlowMatchLCMScheduler. Each option alone and many pairs of options, over 1 to 250 steps.
"""

from itertools import combinations, cycle

from scheduler_trajectories import write

EULER, HEUN, LCM = (f"FlowMatch{name}Scheduler" for name in ("EulerDiscrete", "HeunDiscrete", "LCM"))
STEPS = cycle([5, 10, 25, 50, 250, 2, 3, 7, 1])

# Options of the Euler and LCM classes, by what they change; of one group only one can be set.
GROUPS = {
    "shift": [{"shift": 3.0}, {"shift": 0.4}, {"use_dynamic_shifting": True}],
    "type": [{"use_dynamic_shifting": True, "time_shift_type": "linear"}],
    "terminal": [{"shift_terminal": 0.1}],
    "spacing": [{"use_karras_sigmas": True}, {"use_exponential_sigmas": True}, {"use_beta_sigmas": True}],
    "inverted": [{"invert_sigmas": True}],
    "timesteps": [{"num_train_timesteps": 500}],
}


def case(name, config, **plan):
    found = {"config": {"_class_name": name, **config}, **plan}
    if config.get("use_dynamic_shifting"):
        found["mu"] = plan.get("mu", 0.8)
    if not {"timesteps", "sigmas"} & plan.keys():
        steps = plan.get("steps") or next(STEPS)
        # One step cannot be stretched to a terminal: that library divides 0 by 0.
        found["steps"] = 4 if steps == 1 and "shift_terminal" in config else steps
    return found


def grid(name, extra):
    groups = {**GROUPS, **extra}
    yield from (case(name, {}, steps=steps) for steps in (1, 2, 3, 7, 5, 10, 25, 50, 250))
    yield from (case(name, option) for options in groups.values() for option in options)
    for one, other in combinations(groups.values(), 2):
        yield case(name, {**one[-1], **other[0]})
        yield case(name, {**one[0], **other[-1]})


cases = list(grid(EULER, {"stochastic": [{"stochastic_sampling": True}]}))
cases += list(grid(LCM, {}))[5:]
cases += [case(EULER, {"use_dynamic_shifting": True}, mu=mu) for mu in (0.3, 1.15, -0.5)]
cases += [
    case(EULER, config, **plan)
    for config in ({}, {"shift": 3.0}, {"use_dynamic_shifting": True}, {"use_beta_sigmas": True, "shift_terminal": 0.02})
    for plan in (
        {"sigmas": [1.0, 0.8, 0.55, 0.2, 0.05]},
        {"timesteps": [999, 700.5, 400, 120, 3]},
        {"sigmas": [0.9, 0.5, 0.1], "timesteps": [900, 500, 100]},
    )
]
cases += [case(LCM, {"shift": 2.0}, sigmas=[1.0, 0.6, 0.3]), case(LCM, {}, timesteps=[1000, 500, 250])]
cases += [case(LCM, {"upscale_mode": None, "scale_factors": [2.0]})]
cases += [case(HEUN, {}, steps=steps) for steps in (1, 2, 3, 7, 5, 10, 25, 50)]
cases += [case(HEUN, {"shift": shift}) for shift in (3.0, 0.4)]
cases += [case(HEUN, {"num_train_timesteps": 200, "shift": 1.7})]
for arguments in (
    {"s_churn": 5.0},
    {"s_churn": 100.0},
    {"s_churn": 10.0, "s_noise": 1.05},
    {"s_churn": 10.0, "s_tmin": 0.2, "s_tmax": 0.8},
):
    cases += [case(HEUN, config, arguments=arguments) for config in ({}, {"shift": 3.0})]

write("flow", cases)
