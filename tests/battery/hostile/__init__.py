"""What senders with bad intentions send, and a daemon full of canaries to send it to."""
