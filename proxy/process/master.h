/* master: reads the configuration, opens the ports, keeps the workers alive, and changes configurations.
 *
 * SIGHUP: a new configuration, if it is good; SIGTERM and SIGINT: drain and end; SIGUSR1: open the log again.
 * The master itself reads nothing from the network. */
#ifndef PROXY_MASTER_H
#define PROXY_MASTER_H

/** Runs until told to end. Returns the exit status: 0, 78 for a bad configuration, 71 if the system refuses something. */
int master_run(const char *config_path);

#endif
