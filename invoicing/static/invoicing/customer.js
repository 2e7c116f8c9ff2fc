// The button says what the chosen invoices come to. Without this script it says "Pay the chosen invoices".
const pay = document.getElementById("pay");
if (pay) {
  const button = pay.querySelector("button");
  const boxes = [...document.querySelectorAll('input[name="invoice"]')];
  const digits = Number(pay.dataset.digits);
  const format = new Intl.NumberFormat("en-US", {
    style: "currency", currency: pay.dataset.currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
  });

  /** Exact: the amounts are added as whole minor units, and formatted from text. */
  function total() {
    const minor = (box) => BigInt(box.value.split(" ")[1].replace(".", ""));
    const sum = boxes.filter((box) => box.checked).reduce((before, box) => before + minor(box), 0n);
    const text = String(sum).padStart(digits + 1, "0");
    return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
  }

  function show() {
    const chosen = boxes.some((box) => box.checked);
    button.disabled = !chosen;
    button.textContent = chosen ? `Pay ${format.format(total())}` : "Choose an invoice";
  }

  for (const box of boxes) box.addEventListener("change", show);
  show();
}
