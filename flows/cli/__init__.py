"""The command line: each command checks first, then calls the flow, then shows what came of it."""
