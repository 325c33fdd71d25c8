"""The exec session layer: a library over OCI runtimes and conmon, usable with no terminal.

`runtime.engine.Engine` is its one door; `runtime.model` holds the records it speaks in and
`runtime.errors` what it raises.
"""
