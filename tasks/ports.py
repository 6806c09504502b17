"""Ports of this machine, on loopback."""

import socket

HOST = "127.0.0.1"


def port_fault(port: int) -> str:
    """Return why nothing can be served on a port, in the system's words; empty if it is free."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
