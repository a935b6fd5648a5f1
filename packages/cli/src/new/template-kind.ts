// The kinds of packages that `transfuse new` makes; each is a folder under `templates`.

/** Every kind, as the command line names them. */
export const templateKinds = ['sampler', 'schedule', 'guider', 'adapter'] as const;

/** A kind of package. */
export type TemplateKind = (typeof templateKinds)[number];
