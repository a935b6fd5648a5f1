"""Records the midpoint method of torchdiffeq, by which transfusion-pytorch samples, over the analytic network.

That library integrates from time 0, noise, to time 1, clean data, along clean - noise, over `linspace(0, 1, steps)`. The
network is asked for noise - clean at the timestep 1000 * (1 - time). From the repository's root:

    python test/reference/midpoint_trajectories.py
"""

import json

import torch
import torchdiffeq
from scheduler_trajectories import ROOT, START, network, pseudo_normal, snapshot

PATH = ROOT / "packages" / "plugins" / "src" / "samplers" / "flow" / "midpoint.fixture.json"


def run(steps):
    seen = []

    def flow(time, latent):
        timestep = 1000 * (1 - float(time))
        seen.append(timestep)
        return -network(latent, timestep)

    times = torch.linspace(0, 1, steps)
    trajectory = torchdiffeq.odeint(flow, pseudo_normal(START), times, atol=1e-5, rtol=1e-5, method="midpoint")
    latents = [snapshot(2 * step, trajectory[step]) for step in sorted({0, 1, steps // 2, steps - 1})]
    return {"steps": steps, "timesteps": [float(f"{timestep:.9g}") for timestep in seen], "snapshots": latents}


cases = [run(steps) for steps in (2, 3, 7, 16, 50)]
PATH.write_text(json.dumps({"written_by": "test/reference/midpoint_trajectories.py", "cases": cases}, indent=1) + "\n")
print(f"{len(cases)} trajectories in {PATH.relative_to(ROOT)}")
