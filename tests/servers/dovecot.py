"""Dovecot's configuration for the tests: IMAP, LMTP, and SASL for Postfix, in one folder.

Namespaces: personal (`""`), other users' (`shared/<address>/`), and one public namespace a mail domain
(`Public/`), so that domains never see each other. Each user is a file `users/<address>` in passwd-file form,
read at first log-in: no reload. Knows nothing of how the process is run.
"""

from __future__ import annotations

from pathlib import Path

#: Owner of all mail files; needs no name in /etc/passwd.
MAIL_UID = 5000

_TEMPLATE = """
base_dir = @ROOT@/run/dovecot
state_dir = @ROOT@/run/dovecot-state
instance_name = @NAME@
log_path = @ROOT@/log/dovecot.log
listen = 127.0.0.1
protocols = imap lmtp
hostname = mail.example.test
postmaster_address = postmaster@example.test
login_greeting = ready
default_vsz_limit = 1G

ssl = yes
ssl_cert = <@ROOT@/ca/server.pem
ssl_key = <@ROOT@/ca/server.key
disable_plaintext_auth = no

auth_mechanisms = plain login
auth_username_format = %Lu
auth_verbose = yes
auth_failure_delay = 0 secs
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u @ROOT@/users/%u
}
userdb {
  driver = passwd-file
  args = username_format=%u @ROOT@/users/%u
  override_fields = uid=@UID@ gid=@UID@ home=@ROOT@/mail/%u
}

mail_uid = @UID@
mail_gid = @UID@
first_valid_uid = @UID@
first_valid_gid = @UID@
mail_location = maildir:~/Maildir
mail_plugins = acl quota
mailbox_list_index = yes
mail_fsync = never
mail_max_userip_connections = 500
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no

namespace inbox {
  type = private
  separator = /
  prefix =
  inbox = yes
  mailbox Drafts {
    auto = subscribe
    special_use = \\Drafts
  }
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Trash {
    auto = subscribe
    special_use = \\Trash
  }
  mailbox Junk {
    auto = subscribe
    special_use = \\Junk
  }
  mailbox Archive {
    auto = subscribe
    special_use = \\Archive
  }
}
namespace shared {
  type = shared
  separator = /
  prefix = shared/%%u/
  location = maildir:@ROOT@/mail/%%u/Maildir
  subscriptions = no
  list = children
}
namespace public {
  type = public
  separator = /
  prefix = Public/
  location = maildir:@ROOT@/public/%d/Maildir
  subscriptions = no
  list = children
  mailbox support/Sent {
    special_use = \\Sent
  }
}

plugin {
  acl = vfile:cache_secs=0
  acl_shared_dict = file:@ROOT@/mail/shared-mailboxes.db
  acl_anyone = allow
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=20G
  quota_grace = 0
}

protocol imap {
  mail_plugins = $mail_plugins imap_acl imap_quota
  imap_metadata = yes
}
mail_attribute_dict = file:%h/dovecot-attributes

service imap-login {
  service_count = 0
  process_min_avail = 1
  inet_listener imap {
    port = @IMAP@
  }
  inet_listener imaps {
    port = @IMAPS@
    ssl = yes
  }
}
service imap {
  process_limit = 600
}
service lmtp {
  user = root
  unix_listener @ROOT@/run/lmtp {
    mode = 0666
  }
}
service auth {
  unix_listener @ROOT@/run/sasl {
    mode = 0666
  }
}
# Without this, each failed log-in delays the next ones from the same address.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
"""


def dovecot_conf(root: Path, imap_port: int, imaps_port: int) -> str:
    """The text of dovecot.conf for an instance that lives in `root`."""
    values = {
        "ROOT": str(root),
        "NAME": root.name,
        "UID": str(MAIL_UID),
        "IMAP": str(imap_port),
        "IMAPS": str(imaps_port),
    }
    text = _TEMPLATE
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
