"""Reference trajectories of the schedulers that go by timesteps: DDPM, DDIM, PNDM, LCM and TCD.

Run from the repository's root; see `scheduler_trajectories.py` for what a case is and what is replaced.

    python test/reference/schedulers_ancestral.py

The cases go through the options of each class, by themselves and with others, over 5, 10, 25, 50 and 250 steps and a few
odd numbers of them. Two arguments of `set_timesteps`,
`strength` and `original_inference_steps`, stand among a case's `arguments` like those of `step`.
"""

from scheduler_trajectories import write

BETAS = [
    {},
    {"beta_schedule": "squaredcos_cap_v2"},
    {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    {"trained_betas": [round(0.02 + 0.018 * n, 3) for n in range(20)], "num_train_timesteps": 20},
    {"num_train_timesteps": 333, "beta_start": 0.001, "beta_end": 0.03},
]
PREDICTIONS = ["epsilon", "sample", "v_prediction"]
SPACINGS = ["leading", "trailing", "linspace"]
NO_CLIP = {"clip_sample": False}
THRESHOLD = {"thresholding": True, "sample_max_value": 2.0, "dynamic_thresholding_ratio": 0.9}
ZERO_SNR = {"rescale_betas_zero_snr": True}


def case(name, steps=None, arguments=None, **config):
    item = {"config": {"_class_name": name, **config}}
    item.update({"timesteps": steps} if isinstance(steps, list) else {"steps": steps})
    if arguments:
        item["arguments"] = arguments
    return item


def grid(name, steps, *options, **arguments):
    """One case per combination of three spacings and three predictions; betas and steps go round."""
    return [
        case(name, steps[(3 * i + j) % len(steps)], arguments or None, **{
            **BETAS[(i + j) % 3],
            "timestep_spacing": spacing,
            "prediction_type": prediction,
            **options[(i + 2 * j) % len(options)],
        })
        for i, spacing in enumerate(SPACINGS)
        for j, prediction in enumerate(PREDICTIONS)
    ]


def ddpm():
    name = "DDPMScheduler"
    cases = grid(name, [5, 10, 25, 50], NO_CLIP)
    cases += grid(name, [7, 250, 3], {}, {**NO_CLIP, "variance_type": "fixed_large"}, {"steps_offset": 1})
    for n, variance in enumerate(["fixed_small_log", "fixed_large", "fixed_small"]):
        for m, more in enumerate([NO_CLIP, {"clip_sample_range": 0.4}, THRESHOLD]):
            cases.append(case(name, [10, 25, 50][m], variance_type=variance, timestep_spacing=SPACINGS[(n + m) % 3], **more))
    for n, prediction in enumerate(PREDICTIONS):
        cases.append(case(name, [25, 5, 50][n], prediction_type=prediction, timestep_spacing="trailing", **ZERO_SNR))
    cases.append(case(name, 10, prediction_type="v_prediction", timestep_spacing="linspace", **NO_CLIP, **ZERO_SNR, **BETAS[1]))
    cases += [case(name, [5, 50, 20, 333][n], **NO_CLIP, **betas) for n, betas in enumerate(BETAS[3:] * 2)]
    cases += [case(name, 10, **NO_CLIP, beta_schedule=betas) for betas in ("laplace", "sigmoid")]
    cases += [case(name, 1000, **NO_CLIP), case(name, 1000, variance_type="fixed_large", timestep_spacing="trailing")]
    cases += [case(name, steps, **NO_CLIP, timestep_spacing=spacing) for steps in (1, 2) for spacing in SPACINGS]
    cases.append(case(name, [999, 700, 650, 300, 20, 3], **NO_CLIP, **BETAS[2]))
    cases.append(case(name, [800, 501, 0], variance_type="fixed_large", prediction_type="sample"))
    return cases


def ddim():
    name = "DDIMScheduler"
    cases = grid(name, [5, 10, 25, 50], NO_CLIP)
    cases += grid(name, [7, 250, 3], {}, {"set_alpha_to_one": False}, {"steps_offset": 1}, eta=0.6)
    cases += grid(name, [10, 30, 50], {}, THRESHOLD, {"clip_sample_range": 0.4}, use_clipped_model_output=True)
    cases += grid(name, [25, 60, 9], {"steps_offset": 1, "set_alpha_to_one": False}, THRESHOLD, eta=1.0, use_clipped_model_output=True)
    for n, prediction in enumerate(PREDICTIONS):
        cases.append(case(name, [25, 5, 50][n], {"eta": 0.3 * n}, prediction_type=prediction, timestep_spacing="trailing", **ZERO_SNR))
    cases.append(case(name, 10, prediction_type="v_prediction", timestep_spacing="linspace", **NO_CLIP, **ZERO_SNR, **BETAS[1]))
    cases += [case(name, [5, 50, 20, 333][n], {"eta": 0.2 * n}, **NO_CLIP, **betas) for n, betas in enumerate(BETAS[3:] * 2)]
    cases += [case(name, 1000, **NO_CLIP), case(name, 500, {"eta": 1.0}, steps_offset=1)]
    cases += [case(name, steps, **NO_CLIP, timestep_spacing=spacing) for steps in (1, 2) for spacing in SPACINGS]
    return cases


def pndm():
    name = "PNDMScheduler"
    cases = []
    for n, spacing in enumerate(SPACINGS):
        for m, prediction in enumerate(["epsilon", "v_prediction"]):
            for k, skip in enumerate([True, False]):
                options = {"timestep_spacing": spacing, "prediction_type": prediction, "skip_prk_steps": skip}
                steps = [5, 10, 25, 50, 250, 7, 30][(4 * n + 2 * m + k) % 7]
                cases.append(case(name, steps, **options, **BETAS[(n + m) % 3]))
                steps = [50, 60, 4, 25, 9, 10, 5][(4 * n + 2 * m + k) % 7]
                cases.append(case(name, steps, **options, set_alpha_to_one=True, steps_offset=1, **BETAS[(n + k) % 3]))
    for n, betas in enumerate(BETAS[3:]):
        cases += [case(name, [5, 20][n], skip_prk_steps=skip, **betas) for skip in (True, False)]
    cases += [case(name, steps, skip_prk_steps=True, timestep_spacing=spacing) for steps in (1, 2, 3) for spacing in SPACINGS]
    cases += [case(name, 999, skip_prk_steps=skip) for skip in (True, False)]
    return cases


def distilled(name, arguments):
    cases = []
    for n, prediction in enumerate(PREDICTIONS):
        for m, betas in enumerate([{}, BETAS[1], BETAS[0] | {"beta_schedule": "linear"}]):
            more = [{}, {"clip_sample": True}, THRESHOLD][(n + m) % 3]
            cases.append(case(name, [5, 10, 25, 50, 4, 1, 8, 2, 3][3 * n + m], arguments(n + m), prediction_type=prediction, **betas, **more))
    cases.append(case(name, 250, arguments(1), original_inference_steps=500))
    cases.append(case(name, 100, arguments(2), original_inference_steps=100, set_alpha_to_one=False, steps_offset=1))
    cases.append(case(name, 7, arguments(0), original_inference_steps=33, timestep_spacing="trailing"))
    cases.append(case(name, 5, arguments(0), num_train_timesteps=20, original_inference_steps=10, trained_betas=BETAS[3]["trained_betas"]))
    cases.append(case(name, 4, arguments(1), prediction_type="v_prediction", **ZERO_SNR))
    cases.append(case(name, 8, arguments(2), prediction_type="sample", **ZERO_SNR, **BETAS[1]))
    cases.append(case(name, [999, 700, 650, 300, 20, 3], arguments(1)))
    cases.append(case(name, [801, 500, 499, 0], arguments(2), prediction_type="sample"))
    cases.append(case(name, 4, {"strength": 0.5, **arguments(1)}))
    cases.append(case(name, 10, {"strength": 0.33, **arguments(2)}, original_inference_steps=77))
    cases.append(case(name, 6, {"original_inference_steps": 80, **arguments(1)}))
    cases.append(case(name, 6, {"original_inference_steps": 60, "strength": 0.7, **arguments(0)}))
    return cases


def lcm():
    cases = distilled("LCMScheduler", lambda _: {})
    cases += [case("LCMScheduler", steps, timestep_scaling=scaling) for steps, scaling in ((5, 0.001), (10, 3.7), (4, 100.0))]
    cases.append(case("LCMScheduler", 4, clip_sample=True, **ZERO_SNR))
    return cases


def tcd():
    cases = distilled("TCDScheduler", lambda n: {"eta": [0.3, 0.7, 1.0][n % 3]} if n else {})
    return cases + [case("TCDScheduler", steps, {"eta": eta}) for steps, eta in ((5, 0.0), (10, 0.05), (25, 0.5), (50, 1.0))]


def planning(cases):
    """A patch that passes on, case by case, the arguments that are meant for `set_timesteps`, and keeps them from `step`."""
    queue = iter(cases)

    def patch(scheduler, _):
        arguments = next(queue).get("arguments", {})
        plan = {key: arguments[key] for key in ("strength", "original_inference_steps") if key in arguments}
        if not plan:
            return
        set_timesteps, step = scheduler.set_timesteps, scheduler.step
        scheduler.set_timesteps = lambda **given: set_timesteps(**given, **plan)
        scheduler.step = lambda *given, **named: step(*given, **{key: named[key] for key in named if key not in plan})

    return patch


listed = ddpm() + ddim() + pndm() + lcm() + tcd()
write("ancestral", listed, planning(listed))
