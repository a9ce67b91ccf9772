"""Postfix's configuration for the tests: an intake without log-in, and submission with SASL, in one folder.

Every domain under `.test` is ours and delivered to Dovecot by LMTP; mail to anywhere else
is refused. Who exists, who may send as whom and which recipients are refused is asked of `lookup.py` for each
message: no maps to rebuild. A foreign envelope sender is refused at RCPT (553 5.7.1).
"""

from __future__ import annotations

from pathlib import Path

_MAIN = """
compatibility_level = 3.6
queue_directory = @ROOT@/postfix/queue
data_directory = @ROOT@/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = @ROOT@/log/postfix.log
maillog_file_prefixes = @ROOT@
myhostname = mail.example.test
myorigin = example.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
local_transport = error:5.1.1 no local delivery
default_transport = error:5.1.2 the test servers reach no other domain than .test
relayhost =
alias_maps =
alias_database =
local_recipient_maps =
biff = no
append_dot_mydomain = no
smtputf8_enable = yes
message_size_limit = 62914560
mailbox_size_limit = 0
virtual_mailbox_limit = 0
recipient_delimiter = +
lookup = socketmap:unix:@ROOT@/run/lookup
virtual_mailbox_domains = $lookup:domains
virtual_mailbox_maps = $lookup:users
virtual_transport = lmtp:unix:@ROOT@/run/lmtp
in_flow_delay = 0
queue_run_delay = 5s
minimal_backoff_time = 5s
maximal_backoff_time = 10s

smtpd_tls_cert_file = @ROOT@/ca/server.pem
smtpd_tls_key_file = @ROOT@/ca/server.key
smtpd_tls_security_level = may
smtpd_tls_session_cache_database =
smtpd_sasl_type = dovecot
smtpd_sasl_path = @ROOT@/run/sasl
smtpd_sasl_auth_enable = no
smtpd_sasl_security_options = noanonymous
smtpd_sender_login_maps = $lookup:senders
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access $lookup:refusals
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
"""

_MASTER = """
127.0.0.1:@MX@ inet n - n - - smtpd
  -o syslog_name=mx
127.0.0.1:@SUBMISSION@ inet n - n - - smtpd
  -o syslog_name=submission
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_auth_only=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sender_restrictions=reject_sender_login_mismatch
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
127.0.0.1:@SUBMISSIONS@ inet n - n - - smtpd
  -o syslog_name=submissions
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sender_restrictions=reject_sender_login_mismatch
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
postlog   unix-dgram n  -       n       -       1       postlogd
"""


def main_cf(root: Path) -> str:
    """The text of main.cf for an instance that lives in `root`."""
    return _MAIN.replace("@ROOT@", str(root))


def master_cf(mx_port: int, submission_port: int, submissions_port: int) -> str:
    """The text of master.cf: intake without log-in, submission (STARTTLS), submissions (TLS at once)."""
    return (
        _MASTER.replace("@MX@", str(mx_port))
        .replace("@SUBMISSION@", str(submission_port))
        .replace("@SUBMISSIONS@", str(submissions_port))
    )
