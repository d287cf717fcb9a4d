"""The only adapter to the browser: timers, frames, listeners, elements, style sheets."""
