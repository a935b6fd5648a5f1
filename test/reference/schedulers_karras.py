"""Records trajectories of the sigma-space schedulers of diffusers: Euler, Heun, KDPM2, their ancestral forms, LMS, DPM-SDE.

Run it from the repository's root; it writes the fixtures `karras-*.fixture.json` (see `scheduler_trajectories.py`). Every option of every
class occurs, and pairs of options of different kinds; the numbers of steps are spread over the cases.

`DPMSolverSDEScheduler` draws its noise from a Brownian tree of the package torchsde. Both stages of a step see one path,
and nothing else of the tree is used, so a path made of the harness's own draws, one for the increment of each stage,
stands in for it; torchsde need not be installed.
"""

import sys
import types
from itertools import cycle

import diffusers

sys.modules.setdefault("torchsde", types.ModuleType("torchsde"))

from diffusers.schedulers import scheduling_dpmsolver_sde as sde

from scheduler_trajectories import write

diffusers.DPMSolverSDEScheduler = sde.DPMSolverSDEScheduler


class Path:
    """A Brownian path over sigma, asked in two stages: from a sigma part of the way down, and from there further."""

    def __init__(self, draws):
        self.draws = draws
        self.begun = None

    def __call__(self, sigma, sigma_next):
        if self.begun is None:
            walked = self.draws() * (sigma - sigma_next).sqrt()
            self.begun = (sigma_next, walked)
        else:
            between, walked = self.begun
            walked = walked + self.draws() * (between - sigma_next).sqrt()
            self.begun = None
        return walked / (sigma - sigma_next).sqrt()


def patch(scheduler, draws):
    if isinstance(scheduler, sde.DPMSolverSDEScheduler):
        sde.BrownianTreeNoiseSampler = lambda *_, **__: Path(draws)


STEPS = cycle([10, 25, 5, 50, 7, 10, 3, 25, 250, 2, 10, 5])
SPREADS = [{}, {"use_karras_sigmas": True}, {"use_exponential_sigmas": True}, {"use_beta_sigmas": True}]
SPACINGS = [{"timestep_spacing": name} for name in ("linspace", "leading", "trailing")]
SCALED = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
COSINE = {"beta_schedule": "squaredcos_cap_v2"}
LEADING = {"timestep_spacing": "leading"}
TRAILING = {"timestep_spacing": "trailing"}
TRAINED = {"trained_betas": [round(0.002 + 0.0012 * i, 6) for i in range(40)], "num_train_timesteps": 40}
V = {"prediction_type": "v_prediction"}
SAMPLE = {"prediction_type": "sample"}


def case(name, *parts, **rest):
    config = {"_class_name": name}
    for part in parts:
        config.update(part)
    if not {"steps", "timesteps", "sigmas"} & set(rest):
        rest["steps"] = next(STEPS)
    return {"config": config, **rest}


def common(name, predictions, spreads):
    """What every class has: spacings with every spread, predictions, betas, other numbers of timesteps."""
    cases = [case(name, spacing, spread) for spacing in SPACINGS for spread in spreads]
    cases += [case(name, prediction, spacing) for prediction in predictions for spacing in (LEADING, TRAILING)]
    cases += [
        case(name, SCALED, predictions[0]),
        case(name, COSINE, LEADING, {"steps_offset": 1}),
        case(name, TRAINED, LEADING, steps=10),
        case(name, {"num_train_timesteps": 100, "beta_end": 0.1}, predictions[-1], steps=25),
        case(name, steps=1),
        case(name, TRAILING, steps=1),
        case(name, LEADING, {"steps_offset": 3}, steps=250),
        case(name, TRAILING, steps=61),  # one more timestep than asked, -1, by rounding
    ]
    if name != "KDPM2AncestralDiscreteScheduler":  # which takes the root of a negative number there
        cases += [case(name, COSINE, V, TRAILING, steps=10)]  # from 20000 times the data: float32 shows
    if len(spreads) > 1:
        cases += [case(name, COSINE, LEADING, spread, predictions[0], steps=25) for spread in spreads[1:]]
        cases += [case(name, spreads[1], steps=1)]
    return cases


def euler():
    name = "EulerDiscreteScheduler"
    churn = {"s_churn": 20.0}
    video = {**SCALED, **V, "timestep_type": "continuous", "use_karras_sigmas": True, "sigma_min": 0.002, "sigma_max": 700.0}
    return common(name, [V, SAMPLE], SPREADS) + [
        case(name, {"prediction_type": "original_sample"}),
        case(name, {"interpolation_type": "log_linear"}, steps=10),
        case(name, {"interpolation_type": "log_linear"}, TRAILING, {"final_sigmas_type": "sigma_min"}, steps=61),
        case(name, {"interpolation_type": "log_linear"}, LEADING, SPREADS[1], steps=25),
        case(name, {"interpolation_type": "log_linear", "timestep_type": "continuous"}, V, steps=7),
        case(name, {"final_sigmas_type": "sigma_min"}, LEADING),
        case(name, {"final_sigmas_type": "sigma_min"}, SPREADS[2]),
        *(case(name, spread, {"sigma_min": 0.05, "sigma_max": 12.0}, {"final_sigmas_type": "sigma_min"}) for spread in SPREADS[1:]),
        case(name, {"rescale_betas_zero_snr": True}, V, TRAILING),
        case(name, {"rescale_betas_zero_snr": True}, COSINE, SAMPLE),
        case(name, {"rescale_betas_zero_snr": True}, SCALED, V, SPREADS[1]),
        case(name, video, steps=25),
        case(name, {"timestep_type": "continuous"}, V, LEADING, steps=10),
        case(name, {"timestep_type": "continuous"}, steps=5),
        *(case(name, prediction, LEADING, arguments=churn, steps=10) for prediction in ({}, V, SAMPLE)),
        case(name, SPREADS[1], arguments={**churn, "s_tmin": 0.05, "s_tmax": 10.0, "s_noise": 1.007}, steps=50),
        case(name, {"interpolation_type": "log_linear"}, arguments={"s_churn": 0.3, "s_noise": 0.9}, steps=25),
        case(name, SPREADS[3], V, arguments={"s_churn": 200.0}, steps=5),
        case(name, timesteps=[981, 850, 601, 421, 207, 33]),
        case(name, LEADING, V, timesteps=[999, 500.5, 20, 0], arguments=churn),
        case(name, sigmas=[14.0, 9.0, 4.0, 1.0, 0.3, 0.0]),
        case(name, {"timestep_type": "continuous"}, V, SPREADS[1], sigmas=[80.0, 9.0, 4.0, 1.0, 0.3, 0.05]),
        case(name, LEADING, SAMPLE, {"final_sigmas_type": "sigma_min"}, sigmas=[3.0, 1.0, 0.3, 0.01]),
    ]


def ancestral():
    name = "EulerAncestralDiscreteScheduler"
    return common(name, [V], [{}]) + [
        case(name, {"rescale_betas_zero_snr": True}, V, LEADING, steps=10),
        case(name, {"rescale_betas_zero_snr": True}, SCALED, V, LEADING, steps=50),
        case(name, COSINE, V, LEADING, steps=250),
        case(name, SCALED, LEADING, {"steps_offset": 1}, steps=50),
    ]


def heun():
    name = "HeunDiscreteScheduler"
    clip = {"clip_sample": True}
    return common(name, [V, SAMPLE], SPREADS) + [
        case(name, clip),
        case(name, clip, V, SPREADS[1]),
        case(name, clip, {"clip_sample_range": 0.5}, LEADING),
        case(name, clip, SAMPLE, {"clip_sample_range": 0.3}, TRAILING),
        case(name, {"beta_schedule": "exp"}, LEADING),
        case(name, {"beta_schedule": "exp"}, V, SPREADS[1], LEADING),
        case(name, timesteps=[981, 850, 601, 421, 207, 33]),
        case(name, V, clip, LEADING, timesteps=[999, 500.5, 20, 0]),
    ]


def multistep():
    name = "LMSDiscreteScheduler"
    return common(name, [V, SAMPLE], SPREADS) + [
        *(case(name, SCALED, SPREADS[order % 4], arguments={"order": order}, steps=25) for order in (1, 2, 3, 5, 6)),
        case(name, V, arguments={"order": 8}, steps=10),
        case(name, SPREADS[1], arguments={"order": 3}, steps=250),
    ]


def stochastic():
    name = "DPMSolverSDEScheduler"
    return common(name, [V], SPREADS) + [
        case(name, {"noise_sampler_seed": 5}, arguments={"s_noise": 0.8}, steps=10),
        case(name, SPREADS[1], V, arguments={"s_noise": 1.1}, steps=50),
    ]


if __name__ == "__main__":
    write("karras-euler", euler() + ancestral(), patch)
    write("karras-two-stage", heun() + common("KDPM2DiscreteScheduler", [V], SPREADS), patch)
    write("karras-multistep", multistep(), patch)
    write("karras-stochastic", common("KDPM2AncestralDiscreteScheduler", [V], SPREADS) + stochastic(), patch)
