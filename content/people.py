"""People, their roles and memberships, and the site, communities and departments they belong to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    DateField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from content import db, moment, passwords, telephones
from content.db import Base, UtcDateTimeField, transaction
from content.errors import N_, Invalid, Message, NotFound, msg
from content.signing_names import mail_key_of


@dataclass(frozen=True)
class Role:
    """A role that can be given to a person, everywhere or in one section, community or department."""

    name: str
    label: str
    staff: bool


# The roles that the users' papers name (R-020–R-142); permissions.RULES says what each may do.
ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role("administrator", N_("Administrator"), staff=True),
        Role("editor", N_("Editor"), staff=True),
        Role("reviewer", N_("Reviewer"), staff=True),
        Role("receptionist", N_("Receptionist"), staff=True),
        Role("crew", N_("Repair crew"), staff=True),
        Role("head", N_("Head of department"), staff=True),
        Role("manager", N_("Project manager"), staff=True),
        Role("quality", N_("Quality department"), staff=True),
        Role("general-manager", N_("General manager"), staff=True),
        Role("leader", N_("School leader"), staff=True),
        Role("counselor", N_("Counselor"), staff=True),
        Role("office", N_("Liaison office"), staff=True),
        Role("owner", N_("Owner"), staff=False),
        Role("tenant", N_("Tenant"), staff=False),
    )
}


class Site(Base):
    """A project or campus: one set of rules."""

    id = AutoField()
    name = CharField(max_length=100)


class Community(Base):
    """A residential community (小區) of a site."""

    id = AutoField()
    site = ForeignKeyField(Site, on_delete="RESTRICT")
    name = CharField(max_length=100)


class Department(Base):
    """A department of a site, with the telephone that the directory shows."""

    id = AutoField()
    site = ForeignKeyField(Site, on_delete="RESTRICT")
    name = CharField(max_length=100)
    telephone = CharField(max_length=40, default="")
    position = IntegerField(default=0)


class Person(Base):
    """Somebody with an account. Names are one field; nobody is split into first and last."""

    id = AutoField()
    department_id: int | None
    username = CharField(max_length=60, unique=True)
    name = CharField(max_length=100, index=True)
    address_form = CharField(max_length=20, default="")  # 先生, 阿姨, 老師
    email = CharField(max_length=200, default="")
    telephone = CharField(max_length=40, default="")  # as the directory shows it
    # With these one signs in, beside the user name; of the open accounts no two have the same.
    phone_key = CharField(max_length=20, null=True, index=True)  # as telephones.read writes it
    mail_key = CharField(max_length=200, null=True, index=True)
    password_hash = TextField(default="")
    active = BooleanField(default=True)
    system = BooleanField(default=False)  # the scheduler; can never sign in
    department = ForeignKeyField(Department, null=True, on_delete="RESTRICT")
    job = CharField(max_length=100, default="")
    in_directory = BooleanField(default=False)
    locale = CharField(max_length=10, default="")  # "" = as the browser says
    script = CharField(max_length=4, default="")  # hant, hans or "" = as the text was written
    elder = BooleanField(default=False)
    created_at = UtcDateTimeField()
    erased_at = UtcDateTimeField(null=True)
    session_token = ""  # of the session for which this object was loaded; not kept

    # Flask-Login reads these four; they need nothing of the web.
    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def is_active(self) -> bool:
        return bool(self.active) and not self.system

    @property
    def is_anonymous(self) -> bool:
        return False

    def get_id(self) -> str:
        """What a browser keeps: the token of its session and a digest of the password, so that a new password ends
        all sessions, whoever set it.
        """
        return f"{self.session_token}.{hashlib.sha256(self.password_hash.encode()).hexdigest()[:16]}"

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The roles in force today, each with its scope; read once per loaded person, and anew in every writing
        transaction, so that a right that was just taken away decides nothing any more.
        """
        kept, turn = self.__dict__, db.turn()
        if "grants" not in kept or (turn and kept.get("granted_in", turn) != turn):
            kept["grants"], kept["granted_in"] = self._read_grants(), turn
        found: tuple[Grant, ...] = kept["grants"]
        return found

    def _read_grants(self) -> tuple[Grant, ...]:
        rows = Membership.select().where((Membership.person == self.id) & Membership.in_force())
        return tuple(Grant(row.role, row.section_path, row.community_id, row.department_id) for row in rows)

    def roles_at(self, path: str) -> frozenset[str]:
        """Roles held on content at a section path such as ``/1/4/``; ``/`` is the site as a whole.

        A role for one community or department says nothing about content, which belongs to sections.
        """
        return frozenset(grant.role for grant in self.grants if grant.reaches(path))

    def roles_somewhere(self) -> frozenset[str]:
        """Roles held on content in at least one place."""
        return frozenset(grant.role for grant in self.grants if grant.on_content)

    @property
    def is_staff(self) -> bool:
        return (self.system and self.active) or any(ROLES[grant.role].staff for grant in self.grants)


for _key in (Person.phone_key, Person.mail_key):
    Person.add_index(
        Person.index(_key, name=f"person_{_key.name}_open", unique=True).where(Person.active == True)  # noqa: E712
    )


Person.add_index(Person.index(Person.id, name="person_shut").where(Person.active == False))  # noqa: E712
Person.add_index(Person.index(Person.id, name="person_listed").where(Person.in_directory == True))  # noqa: E712


class Membership(Base):
    """A role of a person, everywhere or within one section, community or department, for a time."""

    id = AutoField()
    person_id: int
    community_id: int | None
    department_id: int | None
    person = ForeignKeyField(Person, backref="memberships", on_delete="CASCADE")
    role = CharField(max_length=30)
    section_path = CharField(max_length=200, default="")  # path of the section; moved along with it
    community = ForeignKeyField(Community, null=True, on_delete="RESTRICT")
    department = ForeignKeyField(Department, null=True, on_delete="RESTRICT")
    since = DateField(null=True)
    until = DateField(null=True)

    class Meta:
        indexes = ((("role",), False),)
        constraints = [
            Check("(section_path <> '') + (community_id IS NOT NULL) + (department_id IS NOT NULL) <= 1"),
        ]

    @classmethod
    def in_force(cls) -> Any:
        """The condition for memberships that hold today; days begin at midnight of the site."""
        today = moment.today()
        return (cls.since.is_null() | (cls.since <= today)) & (cls.until.is_null() | (cls.until >= today))


@dataclass(frozen=True)
class Grant:
    """One role in force, with its scope."""

    role: str
    section_path: str
    community: int | None
    department: int | None

    @property
    def on_content(self) -> bool:
        return self.community is None and self.department is None

    def reaches(self, path: str) -> bool:
        """Whether it holds on content at a section path."""
        return self.on_content and path.startswith(self.section_path)


def audiences(person: Person | None) -> frozenset[str]:
    """The audience keys a person belongs to: everyone, staff, residents, role:…, community:…, department:…."""
    if person is None:
        return frozenset({"everyone"})
    found = {"everyone", "signed-in"}
    if person.is_staff:
        found.add("staff")
    for grant in person.grants:
        found.add(f"role:{grant.role}")
        if not ROLES[grant.role].staff:
            found.add("residents")
        if grant.community:
            found.add(f"community:{grant.community}")
        if grant.department:
            found.add(f"department:{grant.department}")
    if person.department_id:
        found.add(f"department:{person.department_id}")
    return frozenset(found)


def audience_label(key: str) -> Message:
    """What an audience key is called: "Everyone", "Staff", the name of a role, community or department."""
    fixed = {
        "everyone": msg(N_("Everyone")),
        "signed-in": msg(N_("Everyone with an account")),
        "staff": msg(N_("Staff")),
        "residents": msg(N_("Residents")),
    }
    if key in fixed:
        return fixed[key]
    kind, _, value = key.partition(":")
    if kind == "role" and value in ROLES:
        return msg(ROLES[value].label)
    row: Community | Department | None = None
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        return msg(N_("%(name)s"), name=value)
    if kind == "community":
        row = Community.get_or_none(Community.id == int(value))
    elif kind == "department":
        row = Department.get_or_none(Department.id == int(value))
    return msg(N_("%(name)s"), name=row.name if row else value)


def add_person(username: str, name: str, password: str = "", **fields: object) -> Person:
    """Make an account. An empty password means nobody can sign in with it yet. Raises ``Invalid``."""
    problems: dict[str, list[Message]] = {}
    if not username or len(username) > 60 or any(ch.isspace() for ch in username):
        problems["username"] = [msg(N_("A user name has 1 to 60 characters and no spaces."))]
    if not name:
        problems["name"] = [msg(N_("Please fill this in."))]
    if problems:
        raise Invalid(problems)
    mail_key = mail_key_of(str(fields.get("email") or ""))
    with transaction():
        if Person.select().where(Person.username == username).exists():
            raise Invalid({"username": [msg(N_("This user name is taken."))]})
        if mail_key and open_account(Person.mail_key == mail_key):
            raise Invalid({"email": [msg(N_("Another account has this mail address."))]})
        return Person.create(
            username=username,
            name=name,
            password_hash=passwords.hashed(password) if password else "",
            mail_key=mail_key,
            created_at=moment.now(),
            **fields,
        )


def check_password(person: Person, password: str) -> None:
    """Raise ``Invalid`` if this cannot be the password of the person."""
    phone, mail = person.phone_key or "", person.email
    names = {person.username, person.name, person.telephone, phone, phone[3:], mail, mail.partition("@")[0]}
    wrong = passwords.problem(password, names)
    if wrong is not None:
        raise Invalid({"password": [wrong]})


def set_password(person: Person, password: str) -> None:
    """Store a new password, hashed with argon2. Raises ``Invalid`` for one that cannot be (``content.passwords``)."""
    check_password(person, password)
    made = passwords.hashed(password)  # takes its time, so before the transaction
    with transaction():
        person.password_hash = made
        person.save(only=[Person.password_hash])


def give_role(person: Person, role: str, **scope: object) -> Membership:
    """Give a role, everywhere or with ``section_path=``, ``community=`` or ``department=``."""
    if role not in ROLES:
        raise NotFound(msg(N_("There is no role “%(role)s”."), role=role))
    with transaction():
        person.__dict__.pop("grants", None)
        # The same role for a part, or for a time that is over, is another one and does not stand for this.
        wanted = {
            "section_path": "",
            "community": None,
            "department": None,
            "since": None,
            "until": None,
            **scope,
        }
        return Membership.get_or_create(person=person, role=role, **wanted)[0]


def set_reading(person: Person, locale: str, script: str, elder: bool) -> None:
    """Remember how a person reads: interface language, script of the content, large print."""
    with transaction():
        Person.update(locale=locale, script=script, elder=elder).where(Person.id == person.id).execute()
    person.locale, person.script, person.elder = locale, script, elder


def rename_person(person: Person, name: str) -> None:
    """Change the name that others see. Raises ``Invalid`` for an empty or too long one."""
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise Invalid({"name": [msg(N_("A name has 1 to 100 characters."))]})
    with transaction():
        Person.update(name=name).where(Person.id == person.id).execute()
    person.name = name


def open_account(condition: Any) -> Person | None:
    """The account that is open and meets a condition, if there is one."""
    return Person.select().where(condition, Person.active == True, Person.system == False).first()  # noqa: E712


def find_account(who: str) -> Person | None:
    """The account with this user name, telephone or mail address; a user name goes before the others."""
    who = who.strip()
    found: Person | None = Person.get_or_none(Person.username == who)
    phone, mail = telephones.read(who), mail_key_of(who)
    if found is None and phone:
        found = open_account(Person.phone_key == phone)
    if found is None and mail:
        found = open_account(Person.mail_key == mail)
    return found


def verify(person: Person | None, password: str) -> bool:
    """Whether this is the person's password; takes as long for nobody and for who has none."""
    return passwords.matches(person.password_hash if person else "", password)


def sign_in(who: str, password: str) -> Person | None:
    """The person with this user name, telephone or mail address and this password; as slow for an unknown one."""
    person = find_account(who)
    return person if verify(person, password) and person is not None and person.is_active else None


def find_person(username: str) -> Person:
    """The person with this user name. Raises ``NotFound``."""
    person = Person.get_or_none(Person.username == username)
    if person is None:
        raise NotFound(msg(N_("There is no account “%(username)s”."), username=username))
    return person


def scheduler() -> Person:
    """The person who acts when nobody does: dated transitions, the worker."""
    found = Person.get_or_none(Person.username == "scheduler")
    return found or Person.create(
        username="scheduler", name="scheduler", system=True, created_at=moment.now()
    )


def visitors() -> Person:
    """Whose uploads and matters are written down of those who have no account; closed, and never acts.

    Rows need an owner; pass ``None`` where a visitor does something.
    """
    found = Person.get_or_none(Person.username == "visitors", Person.system == True)  # noqa: E712
    return found or Person.create(
        username="visitors", name="visitors", system=True, active=False, created_at=moment.now()
    )


def holders(role: str, path: str = "/") -> list[Person]:
    """Active people who hold a role today at a section path, or for the site as a whole; for notices to them."""
    rows = (
        Membership.select(Membership, Person)
        .join(Person)
        .where(Membership.role == role, Membership.in_force())
        .where(Person.active == True)  # noqa: E712  Peewee builds SQL from ==
    )
    grants = ((m, Grant(m.role, m.section_path, m.community_id, m.department_id)) for m in rows)
    return list({m.person_id: m.person for m, grant in grants if grant.reaches(path)}.values())
