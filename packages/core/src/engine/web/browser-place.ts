/** What the engine wants to know of the page or worker it runs in: whether threads work, how many, and which GPU. */

/** The names used of the global object; each may be missing, in an old browser or outside of one. */
export interface BrowserPlace {
  /** Whether the page may share memory between threads: its headers COOP and COEP say so. */
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: {
    readonly hardwareConcurrency?: number;
    readonly gpu?: { requestAdapter(): Promise<{ readonly info?: AdapterInfo } | null> };
  };
}

/** What a browser tells of a graphics processor; any of it may be empty. */
interface AdapterInfo {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly description?: string;
}

/** How many threads run, and why they are fewer than were asked for. */
export interface ThreadChoice {
  readonly threads: number;
  /** Completes `1 thread (…)`. */
  readonly reason?: string;
}

/** The most threads that are taken unasked: more rarely help, and each is a worker with memory of its own. */
const mostThreads = 4;

/** Chooses the number of threads: what is asked for, by default half the processors and at most four; one without isolation. */
export function chooseThreads(place: BrowserPlace, asked: number | undefined): ThreadChoice {
  const processors = place.navigator?.hardwareConcurrency ?? 1;
  const wanted = asked ?? Math.min(mostThreads, Math.ceil(processors / 2));
  if (wanted === 1 || place.crossOriginIsolated === true) return { threads: wanted };
  return { threads: 1, reason: `${wanted} need a page that is cross-origin isolated` };
}

/** The graphics processor that the browser gives, in its own words; undefined where it gives none. */
export async function graphicsAdapter(place: BrowserPlace): Promise<string | undefined> {
  const adapter = await place.navigator?.gpu?.requestAdapter();
  if (adapter === undefined || adapter === null) return undefined;
  const { vendor = '', architecture = '', description = '' } = adapter.info ?? {};
  return [vendor, architecture].filter((word) => word !== '').join(' ') || description || 'unnamed adapter';
}
