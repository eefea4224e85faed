"""Who lives and works in the demo, and the sections that its texts lie in."""

from __future__ import annotations

from dataclasses import dataclass

SITE = "青禾花園"
SCHOOL = "青禾學院"

# Key → name.
COMMUNITIES = {"east": "青禾花園東苑", "west": "青禾花園西苑"}

# Key → (name, telephone, of the school).
DEPARTMENTS = {
    "project": ("項目部", "0755-55501010", False),
    "centre": ("客服中心", "0755-55501000", False),
    "works": ("工程部（維修 24 小時）", "0755-55501020", False),
    "guard": ("安全部（24 小時）", "0755-55501030", False),
    "grounds": ("環境部", "0755-55501040", False),
    "money": ("財務部", "0755-55501050", False),
    "quality": ("品質部（投訴電話）", "0755-55501012", False),
    "students": ("青禾學院學生工作處", "0755-55512000", True),
    "campus": ("青禾學院後勤處", "0755-55512040", True),
}


@dataclass(frozen=True)
class Figure:
    """A person of the demo; ``role`` is the user name too."""

    role: str
    name: str
    address_form: str
    job: str = ""
    department: str = ""
    telephone: str = ""
    community: str = ""
    reads: str = ""  # script; "" is as the author wrote it
    elder: bool = False


PEOPLE = (
    Figure("administrator", "沈若嵐", "女士", "系統管理員", "project", "0755-55501011"),
    Figure("editor", "林亦舟", "先生", "宣傳文員", "centre", "0755-55501003"),
    Figure("reviewer", "周敏", "女士", "客服主管", "centre", "0755-55501002"),
    Figure("receptionist", "何曉棠", "女士", "客服接待員", "centre", "0755-55501000"),
    Figure("crew", "梁國棟", "師傅", "維修技工", "works", "0755-55501024"),
    Figure("head", "馮志遠", "先生", "工程部主管", "works", "0755-55501021"),
    Figure("manager", "許文謙", "先生", "項目經理", "project", "0755-55501010"),
    Figure("quality", "葉知秋", "女士", "品質專員", "quality", "0755-55501012"),
    Figure("general-manager", "蔡崇德", "先生", "公司總經理", "project", "0755-55501001"),
    Figure("leader", "顧明哲", "教授", "青禾學院副校長", "students", "0755-55512001", reads="hans"),
    Figure("counselor", "蘇念", "老師", "專職輔導員", "students", "0755-55512012", reads="hans"),
    Figure("office", "程立言", "老師", "學工處辦公室主任", "students", "0755-55512000", reads="hans"),
    Figure("owner", "陳月娥", "阿姨", community="east"),
    Figure("tenant", "張皓宇", "先生", community="west"),
)

# Key → (section above, title, slug). The three sections above them are there from the start.
SECTIONS = {
    "water-power": ("board", "停水停電與電梯", "water-power"),
    "safety": ("board", "安全", "safety"),
    "fees": ("board", "費用", "fees"),
    "services": ("board", "便民服務", "services"),
    "activities": ("board", "活動", "activities"),
    "school": ("board", "學校", "school"),
    "about": ("board", "關於我們", "about"),
    "lib-service": ("library", "客服", "service"),
    "lib-engineering": ("library", "工程", "engineering"),
    "lib-safety": ("library", "安全", "safety"),
    "lib-school": ("library", "學工", "school"),
}

# Words that the usual conversion leaves as they are, in both scripts.
TERMS = (("簡訊", "短信"), ("搜尋", "搜索"), ("視像電話", "视频电话"))
