// Names that the runtime itself looks for at an entrypoint; whoever answers any name with a method leaves them out.
export const events = new Set(["then", "constructor", "alarm", "connect", "dup", "email", "queue", "scheduled", "tail", "tailStream", "test", "trace"]);
