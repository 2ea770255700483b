// Types that the modules of the seat map share. There is no code here.

/**
 * The options of the map. The addresses are required unless `geometry` is given.
 * @typedef {object} Options
 * @property {string} [eventId]
 * @property {string} [seatMapUrl] `GET …/seatmap`
 * @property {string} [availabilityUrl] `GET …/availability`
 * @property {string} [liveUrl] `GET …/live`, with `http` or `https`
 * @property {string} [eventUrl] where `price_tiers` and `fees` are read when they are not given
 * @property {Record<string, number>} [prices] price by tier name, see the numbers in the geometry
 * @property {GeometryDocument} [geometry] shown as it is, without live changes
 * @property {string} [currency]
 * @property {number} [maxSeats]
 * @property {Fees} [fees]
 * @property {"buy" | "organize" | "show"} [mode]
 * @property {number[]} [chosen]
 * @property {number[]} [held] reserved for this visitor already
 * @property {string} [checkoutUrl] where the visitor gives held seats back
 * @property {(indexes: number[], seats: SeatInfo[], alone: number[]) => void} [onChange] `alone`: the seats that this choice would leave alone
 * @property {"warn" | "refuse"} [singles] what happens with a choice that leaves a single seat
 * @property {(seats: number[]) => Promise<boolean>} [onLost] chosen seats are not available any more; whether the page has dealt with it, so that the map says nothing
 * @property {(section: string) => void} [onStanding] a general-admission section was picked
 * @property {Map<string, number>} [heat] 0 to 1 by section name
 * @property {HTMLElement} [tray] where the chosen seats are listed; below the map otherwise
 * @property {boolean} [readOnly]
 *
 * @typedef {{per_ticket?: number, per_order?: number, percent?: number}} Fees
 * @typedef {{index: number, section: string, row: string, number: string, price: number | null, label: string, accessible: boolean}} SeatInfo
 * @typedef {{prices?: number[], accessible?: boolean}} Filter prices in minor units; none means all
 *
 * @typedef {object} Controller
 * @property {() => number[]} chosen
 * @property {(index: number) => boolean} choose
 * @property {(index: number) => void} remove
 * @property {(indexes: number[]) => void} replace chooses these seats instead of the chosen ones, and shows where they are
 * @property {(prices: number[]) => string | null} cost what seats at these prices come to, with fees; null until the map is loaded
 * @property {(filter: Filter) => void} setFilter
 * @property {(heat: Map<string, number> | null) => void} setHeat
 * @property {() => void} destroy
 *
 * @typedef {[number, number][] | number} Along one value for all seats of a run, or pairs of count and value along it
 * @typedef {object} RunDocument
 * @property {number} [from]
 * @property {number} count
 * @property {[number, number] | string[]} [numbers]
 * @property {[number, number]} [x]
 * @property {[number, number]} [y]
 * @property {number[]} [xs]
 * @property {number[]} [ys]
 * @property {Along} [tier]
 * @property {Along} [category]
 * @property {number[]} [accessible]
 *
 * @typedef {{label?: string, runs: RunDocument[], labels?: string[], step?: [number, number]}} RowDocument a row; with `labels` several that are alike
 * @typedef {{name: string, general_admission?: boolean, box?: number[], rows?: RowDocument[], runs?: RunDocument[]}} SectionDocument
 * @typedef {object} DecorationDocument
 * @property {string} shape
 * @property {[number, number]} at
 * @property {number} [rotation]
 * @property {string} [color]
 * @property {string} [border_color]
 * @property {number[]} [size]
 * @property {number[]} [points]
 * @property {{text: string, at: [number, number], color?: string, size: number}} [text]
 *
 * @typedef {object} GeometryDocument the answer of `GET …/seatmap`, format 1 or 2
 * @property {string} name
 * @property {number} seats
 * @property {[number, number]} size
 * @property {{name: string, color?: string}[]} categories
 * @property {string[]} [tiers] names of the price tiers that the runs number
 * @property {SectionDocument[]} sections
 * @property {DecorationDocument[]} decorations
 *
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 * @typedef {{x: number, y: number}} Point
 */

export {};
