"""The exec sessions themselves: libpod's verbs over conmon and the recorded state."""
