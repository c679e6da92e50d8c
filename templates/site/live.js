// Added by `transform docs serve` alone: shows the site anew when the project has changed.
new EventSource("/changes").addEventListener("changed", () => location.reload());
