/** Does nothing: what Node itself needs to start and to end. */
