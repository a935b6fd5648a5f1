import { createUniPcSampler } from '../samplers/log-snr/unipc.ts';
import { buildLogSnr, logSnrDefaults, logSnrFields, logSnrPath, refused, sigmasField } from './log-snr-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import type { SchedulerFields } from './scheduler-fields.ts';

// UniPCMultistepScheduler: the unified predictor-corrector.

/** How a `UniPCMultistepScheduler` is read. */
export const uniPcMultistepScheduler: SchedulerClass = {
  className: 'UniPCMultistepScheduler',
  defaults: {
    ...logSnrDefaults,
    solver_order: 2,
    predict_x0: true,
    solver_type: 'bh2',
    lower_order_final: true,
    disable_corrector: [],
    solver_p: null,
    timestep_spacing: 'linspace',
    steps_offset: 0,
    final_sigmas_type: 'zero',
    rescale_betas_zero_snr: false,
    use_dynamic_shifting: false,
    time_shift_type: 'exponential',
    sigma_min: null,
    sigma_max: null,
    shift_terminal: null,
  },
  build(fields) {
    fields.only('solver_p', null, 'a sampler has one predictor');
    const path = logSnrPath(fields, 'field');
    const sigmas = sigmasField(fields, path, ['karras']);
    const order = fields.integer('solver_order');
    if (order < 1) throw refused(fields, 'solver_order', 'at least 1');
    const clean = fields.flag('predict_x0');
    const variant =
      fields.choice('solver_type', ['bh1', 'bh2', 'midpoint', 'heun', 'logrho']) === 'bh1' ? 'bh1' : 'bh2';
    const { limit, ...levels } = logSnrFields(fields, sigmas);
    const sampler = createUniPcSampler({
      ...levels,
      ...(clean && limit !== undefined && { limit }), // noise is not limited there
      largest: fields.optionalNumber('sigma_max') ?? path.largest,
      smallest: fields.optionalNumber('sigma_min') ?? path.smallest,
      dynamicShift: fields.flag('use_dynamic_shifting')
        ? fields.choice('time_shift_type', ['exponential', 'linear'])
        : 'none',
      terminal: terminalField(fields, path.path),
      spacing: fields.choice('timestep_spacing', ['linspace', 'leading', 'trailing']),
      stepsOffset: fields.integer('steps_offset'),
      order,
      integrates: clean ? 'clean' : 'noise',
      variant,
      lowerOrderFinal: fields.flag('lower_order_final'),
      uncorrected: fields.optionalNumbers('disable_corrector') ?? [],
      end: endField(fields, { clean, variant, order, first: path.path === 'betas' && sigmas === 'training' }),
    });
    return buildLogSnr(fields, path, sampler, clean ? 'clean' : 'noise');
  },
};

function terminalField(fields: SchedulerFields, path: 'betas' | 'straight'): number {
  const terminal = fields.optionalNumber('shift_terminal');
  if (terminal !== null && path === 'betas') throw refused(fields, 'shift_terminal', 'null without use_flow_sigmas');
  return terminal ?? 0;
}

/** Reads `final_sigmas_type`, and refuses the combinations whose last step has no number. */
function endField(
  fields: SchedulerFields,
  step: { readonly clean: boolean; readonly variant: 'bh1' | 'bh2'; readonly order: number; readonly first: boolean },
): 'clean' | 'first-timestep' | 'last' {
  if (fields.choice('final_sigmas_type', ['zero', 'sigma_min']) === 'sigma_min') {
    return step.first ? 'first-timestep' : 'last';
  }
  const lowers = fields.flag('lower_order_final') || step.order === 1;
  if (step.clean && step.variant === 'bh2' && lowers) return 'clean';
  throw refused(
    fields,
    'final_sigmas_type',
    '"sigma_min", or predict_x0 true with solver_type "bh2" and lower_order_final true',
  );
}
