"""Starting processes in containers: OCI runtimes (runc, crun) driven by conmon."""
