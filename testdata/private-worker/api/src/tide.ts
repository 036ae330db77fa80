const period = 12 * 60 + 25; // minutes from one high water to the next

// tide is a rough guess: enough for an example, and too little for a ship.
export function tide(at: Date): { metres: number; rising: boolean } {
	const phase = ((at.getTime() / 60_000) % period) / period;
	const metres = Math.round(100 * (2 + 1.5 * Math.cos(2 * Math.PI * phase))) / 100;
	return { metres, rising: phase > 0.5 };
}
