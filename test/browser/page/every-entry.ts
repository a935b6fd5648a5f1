/** A page that keeps everything of the entry points which docs/browser.md says are free of Node.js. */
import * as contracts from '@transfuse/core/contracts';
import * as elements from '@transfuse/core/elements';
import * as engine from '@transfuse/core/engine/web';
import * as generation from '@transfuse/core/generation';
import * as model from '@transfuse/core/model';
import * as objective from '@transfuse/core/objective';
import * as params from '@transfuse/core/params';
import * as guiders from '@transfuse/plugins/guiders';
import * as samplers from '@transfuse/plugins/samplers';
import * as schedules from '@transfuse/plugins/schedules';
import * as stepCaches from '@transfuse/plugins/step-caches';
import * as weightings from '@transfuse/plugins/weightings';

Object.assign(globalThis, {
  transfusePage: {
    '@transfuse/core/contracts': contracts,
    '@transfuse/core/elements': elements,
    '@transfuse/core/engine/web': engine,
    '@transfuse/core/generation': generation,
    '@transfuse/core/model': model,
    '@transfuse/core/objective': objective,
    '@transfuse/core/params': params,
    '@transfuse/plugins/guiders': guiders,
    '@transfuse/plugins/samplers': samplers,
    '@transfuse/plugins/schedules': schedules,
    '@transfuse/plugins/step-caches': stepCaches,
    '@transfuse/plugins/weightings': weightings,
  },
});
