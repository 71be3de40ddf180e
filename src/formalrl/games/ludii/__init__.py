"""The real Ludii behind the engine protocol: the user's own Ludii.jar in worker processes that can be killed."""
