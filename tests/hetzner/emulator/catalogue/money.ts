/** An amount of euro without and with tax, as the API writes it. */
export interface Money {
  net: string;
  gross: string;
}

/** Percent. */
export const VAT_RATE = 19;

const DIGITS = 10;

/** @param net euro */
export function money(net: number): Money {
  return { net: net.toFixed(DIGITS), gross: (net * (1 + VAT_RATE / 100)).toFixed(DIGITS) };
}
