// The bars of cash flow. What they show is in the table beside them, which is closed once they are drawn.
import uPlot from "./uplot/uPlot.esm.js"
import { amount } from "./shown.js"

const NARROW_HEIGHT = 240, WIDE_HEIGHT = 320
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
const BARS = uPlot.paths.bars({ size: [0.62, 56], radius: 0.12 })

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 })

export function chart(place, table) {
  let drawn = null, months = []

  function options() {
    const axis = { stroke: colour("--muted"), font: "12px Inter, system-ui, sans-serif", ticks: { show: false } }
    return {
      width: place.clientWidth,
      height: wide() ? WIDE_HEIGHT : NARROW_HEIGHT,
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: (_, least, most) => [least - 0.5, most + 0.5] },
        y: { range: (_, least, most) => uPlot.rangeNum(Math.min(least, 0), Math.max(most, 0), 0.1, true) },
      },
      axes: [
        { ...axis, grid: { show: false }, splits: () => months.map((_, n) => n).filter((n) => wide() || n % 2 === 1),
          values: (_, ticks) => ticks.map((n) => MONTHS[months[n]?.month.slice(5, 7) - 1] ?? "") },
        { ...axis, grid: { stroke: colour("--hairline"), width: 1 }, size: 56, values: (_, ticks) => ticks.map((n) => short.format(n).replace("-", "\u2212")) },
      ],
      series: [
        {},
        { fill: colour("--accent"), width: 0, paths: BARS, points: { show: false } },
        { fill: colour("--bar"), width: 0, paths: BARS, points: { show: false } },
      ],
      hooks: { setCursor: [read] },
    }
  }

  const wide = () => place.clientWidth > 560

  // The month under the pointer, in words.
  function read(plot) {
    const month = months[plot.cursor.idx]
    value.textContent = month ? `${MONTHS[month.month.slice(5, 7) - 1]} ${month.month.slice(0, 4)}: ${amount(month.change)}` : ""
  }

  // Doubles are exact enough for the height of a bar.
  const data = () => {
    const changes = months.map((row) => Number(row.change))
    return [months.map((_, n) => n), changes.map((n) => (n >= 0 ? n : null)), changes.map((n) => (n < 0 ? n : null))]
  }

  function redraw() {
    drawn?.destroy()
    drawn = new uPlot(options(), data(), place)
    drawn.root.append(value)
  }

  const value = Object.assign(document.createElement("p"), { className: "value" })
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn && redraw())
  new ResizeObserver(() => drawn && place.clientWidth && drawn.width !== place.clientWidth && redraw()).observe(place)

  return (rows, hasFlow) => {
    months = rows
    place.hidden = !hasFlow
    if (!hasFlow) return
    if (drawn) { drawn.setData(data()); return }
    table.open = false
    redraw()
  }
}
