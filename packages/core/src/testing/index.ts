/**
 * The conformance kit (`@transfuse/core/testing`): for every contract a suite of checks that an author's implementation
 * keeps it. A suite needs no test runner of its own; `register({ describe, it })` makes a test of every check with the
 * runner at hand.
 */
export { checkContinuousAdapter, type ContinuousAdapterCheckOptions } from './check-continuous-adapter.ts';
export { checkDiscreteAdapter, type DiscreteAdapterCheckOptions } from './check-discrete-adapter.ts';
export { checkGuider, type GuiderCheckOptions } from './check-guider.ts';
export { checkLossWeighting, type LossWeightingCheckOptions } from './check-loss-weighting.ts';
export { checkNoiseSchedule, type NoiseScheduleCheckOptions } from './check-noise-schedule.ts';
export { checkPlugin, type PluginCheckOptions } from './check-plugin.ts';
export { checkSampler, type SamplerCheckOptions } from './check-sampler.ts';
export { checkStepCache } from './check-step-cache.ts';
export type { Check, CheckOptions, CheckReport, CheckResult, CheckSuite, TestRunner } from './check-suite.ts';
export type { NetworkKind } from './exact-network.ts';
export { circleSchedule, discreteCircleSchedule, referenceSchedules, straightSchedule } from './reference-schedules.ts';
